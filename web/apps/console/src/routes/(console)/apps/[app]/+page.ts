import { call } from '@slipway/api';
import { api } from '$lib/api';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ params }) => ({
  install: await call(api.GET('/api/v1/apps/{app}/install', { params: { path: params } })),
});
