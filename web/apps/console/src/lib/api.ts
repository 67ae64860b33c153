// The client of the console and the session it acts for. There is one browser, one cookie and so one token; pages reach the
// session through the data of their layout, and only this file reads the token.

import { type MemberSession, call, createApi, isApiError } from '@slipway/api';

let csrf_token: string | null = null;

export const api = createApi({ csrf_token: () => csrf_token });

/** The current session, or null where nobody is signed in. */
export async function currentSession(): Promise<MemberSession | null> {
  try {
    return adopt(await call(api.GET('/api/v1/member-sessions/current')));
  } catch (error) {
    if (isApiError(error) && error.status === 401) return null;
    throw error;
  }
}

/** Takes over the token of a fresh session. */
export function adopt(session: MemberSession): MemberSession {
  csrf_token = session.csrf_token;
  return session;
}

export function forget(): void {
  csrf_token = null;
}
