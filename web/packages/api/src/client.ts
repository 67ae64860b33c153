// The typed client of both origins. It adds the CSRF header to unsafe methods and turns every failure into an `ApiError`.
// It keeps no state: whoever makes a client says where the CSRF token of the current session is found.

import createClient, { type Client, type Middleware } from 'openapi-fetch';
import { problemFrom, unreachable } from './problem.ts';
import type { paths } from './schema.ts';

export type Api = Client<paths>;

export interface ApiOptions {
  /** Empty for the own origin, which is what the apps use. */
  base_url?: string;
  csrf_token: () => string | null;
  fetch?: typeof fetch;
}

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

export function createApi(options: ApiOptions): Api {
  const client = createClient<paths>({
    baseUrl: options.base_url ?? '',
    credentials: 'same-origin',
    ...(options.fetch ? { fetch: options.fetch } : {}),
  });
  client.use(csrf(options.csrf_token));
  return client;
}

function csrf(token: () => string | null): Middleware {
  return {
    onRequest({ request }) {
      const value = token();
      if (value && !SAFE_METHODS.has(request.method)) request.headers.set('X-CSRF-Token', value);
      return request;
    },
  };
}

type Answer<Data> = { data?: Data; error?: unknown; response: Response };

/** Waits for a call and gives its body. Throws an `ApiError` for everything that is not a success. */
export async function call<Data>(answer: Promise<Answer<Data>>): Promise<Data> {
  let settled: Answer<Data>;
  try {
    settled = await answer;
  } catch {
    // `fetch` rejects only when there was no answer at all, and a body that is not JSON is no answer either.
    throw unreachable();
  }
  if (!settled.response.ok) throw problemFrom(settled.error, settled.response);
  return settled.data as Data;
}

/** A fresh key for one attempt of a person to create one thing; a retry of that attempt sends the same key again. */
export function idempotencyKey(): string {
  // `randomUUID` exists in secure contexts only; `getRandomValues` exists everywhere.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The headers of a creating call. */
export function once(key: string): { header: { 'Idempotency-Key': string } } {
  return { header: { 'Idempotency-Key': key } };
}

/** Sends the bytes of an image as they are; a generated JSON client cannot. */
export function rawBody(file: Blob) {
  return {
    body: file as unknown as number[],
    bodySerializer: () => file,
    headers: { 'Content-Type': file.type },
  };
}
