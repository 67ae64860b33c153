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
    },
    retry_after_s,
  );
}

function isProblem(body: unknown): body is KnownProblem {
  if (typeof body !== 'object' || body === null) return false;
  const { title, status, code } = body as Partial<KnownProblem>;
  return typeof title === 'string' && typeof status === 'number' && typeof code === 'string';
}
