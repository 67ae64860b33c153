// The one error every call of the client fails with. It is read from `application/problem+json` (RFC 9457) and refuses to guess:
// what is not a problem document becomes a problem that says so.

import type { KnownProblem, Wish } from './types.ts';

export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly problem: KnownProblem;
  /** Seconds to wait before another attempt, where the server said so. */
  readonly retry_after_s: number | null;

  constructor(problem: KnownProblem, retry_after_s: number | null = null) {
    super(problem.detail || problem.title);
    this.problem = problem;
    this.retry_after_s = retry_after_s;
  }

  get status(): number {
    return this.problem.status;
  }
  get code(): string {
    return this.problem.code;
  }
  get request_id(): string {
    return this.problem.request_id;
  }
  get wishes(): Wish[] {
    return this.problem.wishes ?? [];
  }
  /** The message for one field of the form that was sent, if the server had one. */
  field(name: string): string | undefined {
    return this.problem.errors?.find((error) => error.field === name)?.message;
  }
}

export function isApiError(error: unknown): error is ApiError {
  return error instanceof ApiError;
}

export function unreachable(): ApiError {
  return new ApiError({
    type: 'about:blank',
    title: 'The server cannot be reached',
    status: 0,
    detail: 'Check your connection and try again. Nothing you entered is lost.',
    code: 'network.unreachable',
    request_id: '',
    trace_id: '',
  });
}

export function problemFrom(body: unknown, response: Response): ApiError {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  const retry_after_s = Number.isFinite(seconds) ? seconds : null;
  if (isProblem(body)) return new ApiError(body, retry_after_s);
  return new ApiError(
    {
      type: 'about:blank',
      title: 'The server gave an unexpected answer',
      status: response.status,
      detail: `It answered with status ${response.status}. Try again; if it stays, tell us the request id.`,
      code: 'response.unexpected',
      request_id: response.headers.get('x-request-id') ?? '',
      trace_id: '',
    },
    retry_after_s,
  );
}

function isProblem(body: unknown): body is KnownProblem {
  if (typeof body !== 'object' || body === null) return false;
  const { title, status, code } = body as Partial<KnownProblem>;
  return typeof title === 'string' && typeof status === 'number' && typeof code === 'string';
}

export type PageProblem = Pick<KnownProblem, 'title' | 'detail' | 'request_id' | 'status'>;

/** What the error page says by its size: the phrase of the status is for programs. */
const HEADINGS: Record<number, string> = {
  401: 'Sign in first',
  403: 'You may not do this',
  404: 'There is nothing here',
  409: 'Something changed meanwhile',
  422: 'That did not work',
  429: 'Too many requests',
  503: 'The server is busy',
  507: 'The server is full',
};

/** How browsers, and Vite for its style sheets, word that a part of the page could not be fetched; there is no better mark of it. */
const UNFETCHED = /dynamically imported module|importing a module script failed|unable to preload css/i;

/** What a page shows of a failure it could not handle. It never shows a stack to a person. */
export function pageProblem(error: unknown, status = 500): PageProblem {
  if (error instanceof Error && UNFETCHED.test(error.message)) return unreachable().problem;
  if (isApiError(error)) {
    const { problem } = error;
    const said = problem.errors?.length ? problem.errors.map(({ message }) => message).join(' ') : problem.detail;
    // `about:blank` says that the title is the phrase of the status (RFC 9457 §4.2.1).
    const own = problem.type !== 'about:blank' || problem.code === 'network.unreachable' || problem.code === 'response.unexpected';
    return { ...problem, detail: said, title: own ? problem.title : (HEADINGS[problem.status] ?? 'The server could not do this') };
  }
  if (status === 404) return { title: 'This page does not exist', detail: 'The address may be old, or mistyped.', request_id: '', status };
  return { title: 'Something broke on this page', detail: 'Reload to try again. Nothing you saved is lost.', request_id: '', status };
}
