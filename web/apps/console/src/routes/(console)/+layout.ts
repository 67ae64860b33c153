import { redirect } from '@sveltejs/kit';
import { currentSession } from '$lib/api';
import type { LayoutLoad } from './$types';

export const load: LayoutLoad = async ({ url, depends, untrack }) => {
  depends('console:session');
  const session = await currentSession();
  if (!session) {
    const next = untrack(() => url.pathname + url.search);
    redirect(307, next === '/' ? '/sign-in' : `/sign-in?next=${encodeURIComponent(next)}`);
  }
  return { session };
};
