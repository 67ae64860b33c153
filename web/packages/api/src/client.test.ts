import { describe, expect, it } from 'vitest';
import { call, createApi, idempotencyKey, once, rawBody } from './client.ts';
import { listen } from './events.ts';
import { ApiError, pageProblem, unreachable } from './problem.ts';

const PROBLEM = {
  type: 'about:blank',
  title: 'The slug is taken',
  status: 409,
  detail: 'choose another slug',
  code: 'slug.taken',
  request_id: 'req_1',
  errors: [{ field: 'slug', code: 'slug.taken', message: 'already in use' }],
};

function answering(status: number, body: unknown, headers: Record<string, string> = {}) {
  const seen: Request[] = [];
  const api = createApi({
    base_url: 'http://test.localhost',
    csrf_token: () => 'token',
    fetch: async (input) => {
      seen.push((input as Request).clone());
      return new Response(body === null ? null : JSON.stringify(body), {
        status,
        headers: { 'content-type': 'application/json', ...headers },
      });
    },
  });
  return { api, seen };
}

describe('client', () => {
  it('sends the CSRF token with unsafe methods only', async () => {
    const { api, seen } = answering(200, { items: [], next: null });
    await call(api.GET('/api/v1/apps'));
    await call(api.POST('/api/v1/apps/{app}/suspend', { params: { path: { app: 'app_1' } } }));
    expect(seen.map((request) => request.headers.get('x-csrf-token'))).toEqual([null, 'token']);
    expect(seen[1]?.url).toBe('http://test.localhost/api/v1/apps/app_1/suspend');
  });

  it('sends an idempotency key', async () => {
    const { api, seen } = answering(201, { release: {}, build: {} });
    const key = idempotencyKey();
    await call(api.POST('/api/v1/apps/{app}/releases', { params: { path: { app: 'app_1' }, ...once(key) }, body: { brand: 'brd_1' } }));
    expect(seen[0]?.headers.get('idempotency-key')).toBe(key);
    expect(key).toMatch(/^[0-9a-f]{32}$/);
    expect(idempotencyKey()).not.toBe(key);
  });

  it('sends the bytes of a file unchanged', async () => {
    const { api, seen } = answering(201, { hash: 'h' });
    await call(api.POST('/api/v1/logos', rawBody(new Blob(['PNG'], { type: 'image/png' }))));
    expect(seen[0]?.headers.get('content-type')).toBe('image/png');
    expect(await seen[0]?.text()).toBe('PNG');
  });

  it('throws the problem of the server', async () => {
    const { api } = answering(409, PROBLEM, { 'retry-after': '7' });
    const error = await call(api.GET('/api/v1/apps')).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ code: 'slug.taken', status: 409, request_id: 'req_1', retry_after_s: 7 });
    expect((error as ApiError).field('slug')).toBe('already in use');
    expect((error as ApiError).field('name')).toBeUndefined();
  });

  it('says so when the answer is no problem document', async () => {
    const { api } = answering(502, { nonsense: true }, { 'x-request-id': 'req_9' });
    await expect(call(api.GET('/api/v1/apps'))).rejects.toMatchObject({ code: 'response.unexpected', request_id: 'req_9' });
  });

  it('says so when there is no answer', async () => {
    const api = createApi({
      base_url: 'http://test.localhost',
      csrf_token: () => null,
      fetch: () => Promise.reject(new TypeError('failed')),
    });
    await expect(call(api.GET('/api/v1/apps'))).rejects.toMatchObject({ code: 'network.unreachable', status: 0 });
  });

  it('accepts an empty success', async () => {
    const { api } = answering(204, null);
    await expect(call(api.DELETE('/api/v1/member-sessions'))).resolves.toBeUndefined();
  });
});

class FakeSource extends EventTarget {
  readyState = 1;
  close() {
    this.readyState = 2;
  }
  say(name: string, data: unknown) {
    this.dispatchEvent(new MessageEvent(name, { data: JSON.stringify(data) }));
  }
}

describe('listen', () => {
  it('hands events on and closes after the last one', () => {
    const source = new FakeSource();
    const heard: unknown[] = [];
    listen<{ stage: { name: string }; done: { id: string } }>(
      '/events',
      { on: { stage: (stage) => heard.push(stage.name), done: (build) => heard.push(build.id) }, last: ['done'] },
      () => source,
    );
    source.say('stage', { name: 'icons' });
    expect(source.readyState).toBe(1);
    source.say('done', { id: 'bld_1' });
    expect(heard).toEqual(['icons', 'bld_1']);
    expect(source.readyState).toBe(2);
  });

  it('reports connection states, and refusal only when the browser gave up', () => {
    const source = new FakeSource();
    const states: unknown[] = [];
    listen('/events', { on: {}, last: [], onConnection: (up) => states.push(up), onRefused: () => states.push('refused') }, () => source);
    source.dispatchEvent(new Event('open'));
    source.dispatchEvent(new Event('error'));
    source.readyState = 2;
    source.dispatchEvent(new Event('error'));
    expect(states).toEqual([true, false, false, 'refused']);
  });
});

describe('the problem of a page', () => {
  const problem = { type: 'about:blank', title: 'Unprocessable Entity', status: 422, detail: 'One field is not right.', code: 'request.invalid', request_id: 'req_1', trace_id: 'trace' };

  it('has a heading for people and the message of the field', () => {
    const errors = [{ field: 'request_id', message: 'This is no id of a request.' }];
    expect(pageProblem(new ApiError({ ...problem, errors }))).toMatchObject({ title: 'That did not work', detail: 'This is no id of a request.', request_id: 'req_1' });
    expect(pageProblem(new ApiError(problem)).detail).toBe('One field is not right.');
    expect(pageProblem(new ApiError({ ...problem, status: 418 })).title).toBe('The server could not do this');
    expect(pageProblem(new ApiError({ ...problem, type: 'https://example.org/full', title: 'The shelf is full' })).title).toBe('The shelf is full');
  });

  it('tells a lost connection from a broken page', () => {
    expect(pageProblem(unreachable()).title).toBe('The server cannot be reached');
    expect(pageProblem(new TypeError('Failed to fetch dynamically imported module: http://a/b.js')).title).toBe('The server cannot be reached');
    expect(pageProblem(new Error('Unable to preload CSS for /a/b.css')).title).toBe('The server cannot be reached');
    expect(pageProblem(new TypeError('x is undefined')).title).toBe('Something broke on this page');
    expect(pageProblem(new Error('Not found: /x'), 404).title).toBe('This page does not exist');
  });
});
