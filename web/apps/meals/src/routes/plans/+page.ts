import { redirect } from '@sveltejs/kit';
import { call } from '@slipway/api';
import { api } from '$lib/api';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ parent, url, depends }) => {
  depends('app:plans');
  const { session } = await parent();
  if (!session) redirect(307, '/login?next=/plans');
  const after = url.searchParams.get('after') ?? undefined;
  const [plans, options] = await Promise.all([
    call(api.GET('/api/v1/meals/plans', { params: { query: { after } } })),
    call(api.GET('/api/v1/meals/options')),
  ]);
  return { plans, options };
};
