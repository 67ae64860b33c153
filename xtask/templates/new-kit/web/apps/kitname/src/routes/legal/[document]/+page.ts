import { call } from '@slipway/api';
import { api } from '$lib/api';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ params: { document } }) => ({
  document: await call(api.GET('/api/v1/legal-documents/{document}', { params: { path: { document } } })),
});
