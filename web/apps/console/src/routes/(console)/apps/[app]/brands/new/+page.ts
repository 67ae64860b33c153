import { call } from '@slipway/api';
import { api } from '$lib/api';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ params, url, parent }) => {
  const { app } = await parent();
  const from = url.searchParams.get('from');
  if (!from || from === app.brand.id) return { origin: app.brand };
  const { items } = await call(api.GET('/api/v1/apps/{app}/brands', { params: { path: params, query: { limit: 100 } } }));
  return { origin: items.find((brand) => brand.id === from) ?? app.brand };
};
