import { redirect } from '@sveltejs/kit';
import { call } from '@slipway/api';
import { api } from '$lib/api';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ params, parent }) => {
  const { session } = await parent();
  if (!session) redirect(307, `/login?next=/plans/${encodeURIComponent(params.plan)}`);
  const [plan, options] = await Promise.all([
    call(api.GET('/api/v1/meals/plans/{plan}', { params: { path: params } })),
    call(api.GET('/api/v1/meals/options')),
  ]);
  return { plan, options };
};
