import { call } from '@slipway/api';
import { api } from '$lib/api';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ depends }) => {
  depends('console:members');
  return { members: await call(api.GET('/api/v1/members', { params: { query: { limit: 100 } } })) };
};
