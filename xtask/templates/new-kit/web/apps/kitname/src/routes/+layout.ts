import { call } from '@slipway/api';
import { api, currentSession } from '$lib/api';
import type { LayoutLoad } from './$types';

// A client of the public API and nothing else: no page is rendered on a server.
export const ssr = false;
export const prerender = false;

export const load: LayoutLoad = async ({ depends }) => {
  depends('app:session');
  const [app, session] = await Promise.all([call(api.GET('/api/v1/app')), currentSession()]);
  return { app, session };
};
