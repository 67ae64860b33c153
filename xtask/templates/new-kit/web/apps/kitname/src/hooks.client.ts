// Turns whatever a page could not handle into the words an error page shows.

import { pageProblem } from '@slipway/api';
import type { HandleClientError } from '@sveltejs/kit';

export const handleError: HandleClientError = ({ error, status, message }) => ({ message, problem: pageProblem(error, status) });
