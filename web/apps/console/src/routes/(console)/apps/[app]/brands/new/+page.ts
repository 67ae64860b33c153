import { call } from '@slipway/api';
import { api } from '$lib/api';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ params, url, parent }) => {
  const [{ app }, { items }] = await Promise.all([parent(), call(api.GET('/api/v1/apps/{app}/brands', { params: { path: params, query: { limit: 100 } } }))]);
  const from = url.searchParams.get('from');
  // The newest comes first. After a rollback the brand that users see is not the newest.
  return { origin: items.find((brand) => brand.id === from) ?? app.brand, next_version: (items[0]?.version ?? app.brand.version) + 1 };
};
