import { call } from '@slipway/api';
import { api } from '$lib/api';
import type { LayoutLoad } from './$types';

export const load: LayoutLoad = async ({ params, depends }) => {
  depends('console:app');
  return { app: await call(api.GET('/api/v1/apps/{app}', { params: { path: params } })) };
};
