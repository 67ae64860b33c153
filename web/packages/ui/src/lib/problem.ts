// What to show of a failure that reached a page.

import { type Problem, isApiError } from '@slipway/api';

export function problemOf(error: unknown): Pick<Problem, 'title' | 'detail' | 'request_id'> {
  if (isApiError(error)) return error.problem;
  return { title: 'Something broke on this page', detail: 'Reload to try again. Nothing you saved is lost.', request_id: '' };
}
