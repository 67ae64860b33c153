import { call } from '@slipway/api';
import { api } from '$lib/api';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ params, url, depends }) => {
  depends('console:releases');
  const after = url.searchParams.get('after') ?? undefined;
  return { releases: await call(api.GET('/api/v1/apps/{app}/releases', { params: { path: params, query: { after } } })) };
};
