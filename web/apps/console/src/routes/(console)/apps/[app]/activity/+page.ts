import { call, isApiError } from '@slipway/api';
import { api } from '$lib/api';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ params, url }) => {
  const request_id = url.searchParams.get('request_id') ?? undefined;
  const after = url.searchParams.get('after') ?? undefined;
  const [entries, members] = await Promise.all([
    call(api.GET('/api/v1/apps/{app}/audit', { params: { path: params, query: { request_id, after, limit: 50 } } })).catch((error: unknown) => {
      // What was pasted is no id at all, and so nothing happened under it.
      if (request_id && isApiError(error) && error.status === 422) return { items: [], next: null };
      throw error;
    }),
    call(api.GET('/api/v1/members', { params: { query: { limit: 100 } } })),
  ]);
  return { entries, members: members.items, are_all: !members.next, request_id };
};
