import { call } from '@slipway/api';
import { api } from '$lib/api';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ depends, parent }) => {
  depends('app:notes');
  const { session } = await parent();
  return { notes: session ? await call(api.GET('/api/v1/kitname/notes')) : null };
};
