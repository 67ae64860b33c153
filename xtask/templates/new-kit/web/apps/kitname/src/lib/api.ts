// The client of an app and the session it acts for. There is one browser, one cookie and so one token; pages reach the session
// through the data of their layout, and only this file reads the token.

import { type AccountSession, call, createApi, isApiError } from '@slipway/api';

let csrf_token: string | null = null;

export const api = createApi({ csrf_token: () => csrf_token });

/** The current session, or null for a visitor; in a suspended app everybody is one. */
export async function currentSession(): Promise<AccountSession | null> {
  try {
    return adopt(await call(api.GET('/api/v1/sessions/current')));
  } catch (error) {
    if (isApiError(error) && (error.status === 401 || error.code === 'app.suspended')) return null;
    throw error;
  }
}

export function adopt(session: AccountSession): AccountSession {
  csrf_token = session.csrf_token;
  return session;
}

export function forget(): void {
  csrf_token = null;
}
