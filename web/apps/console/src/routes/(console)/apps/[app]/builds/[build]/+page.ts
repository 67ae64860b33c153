import { call } from '@slipway/api';
import { api } from '$lib/api';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ params, url, depends }) => {
  depends('console:build');
  return {
    build: await call(api.GET('/api/v1/apps/{app}/builds/{build}', { params: { path: params } })),
    launched: url.searchParams.has('launched'),
  };
};
