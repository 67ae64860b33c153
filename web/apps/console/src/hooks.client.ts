// Turns whatever a page could not handle into the words an error page shows. It never shows a stack to a person.

import { isApiError } from '@slipway/api';
import type { HandleClientError } from '@sveltejs/kit';

export const handleError: HandleClientError = ({ error, status, message }) => {
  if (isApiError(error)) return { message: error.message, problem: error.problem };
  const problem =
    status === 404
      ? { title: 'This page does not exist', detail: 'The address may be old, or mistyped.', request_id: '', status }
      : { title: 'Something broke on this page', detail: 'Reload to try again. Nothing you saved is lost.', request_id: '', status };
  return { message, problem };
};
