import { call } from '@slipway/api';
import { api } from '$lib/api';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ params, depends }) => {
  depends('console:signing-key');
  return { key: await call(api.GET('/api/v1/apps/{app}/signing-key', { params: { path: params } })) };
};
