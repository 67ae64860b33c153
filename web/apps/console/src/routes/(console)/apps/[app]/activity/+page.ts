import { call } from '@slipway/api';
import { api } from '$lib/api';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ params, url }) => {
  const request_id = url.searchParams.get('request_id') ?? undefined;
  const after = url.searchParams.get('after') ?? undefined;
  const entries = await call(api.GET('/api/v1/apps/{app}/audit', { params: { path: params, query: { request_id, after, limit: 50 } } }));
  return { entries, request_id };
};
