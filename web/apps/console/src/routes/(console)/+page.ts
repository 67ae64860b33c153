import { call } from '@slipway/api';
import { api } from '$lib/api';
import type { PageLoad } from './$types';

export const load: PageLoad = ({ url, depends }) => {
  depends('console:apps');
  const after = url.searchParams.get('after') ?? undefined;
  const apps = call(api.GET('/api/v1/apps', { params: { query: { after, limit: 24 } } }));
  // Without a session the layout leads elsewhere, and nobody is left to hear that this failed too.
  apps.catch(() => undefined);
  // Not awaited: the page shows its skeleton at once.
  return { apps };
};
