import { redirect } from '@sveltejs/kit';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ parent, url }) => {
  const { session } = await parent();
  if (!session) redirect(307, `/login?next=${encodeURIComponent(url.pathname + url.search)}`);
};
