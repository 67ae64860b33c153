// How the built files leave the server: guarded, compressed, and kept by browsers for as long as their names promise.

import { expect, test } from '../fixtures/test.ts';
import { CONSOLE_URL } from '../fixtures/world.ts';

test('pages are asked for anew, hashed files are kept for a year, and both are guarded', async ({ request }) => {
  const page = await request.get(CONSOLE_URL, { headers: { accept: 'text/html' } });
  const html = await page.text();
  const script = /\/_app\/immutable\/[^"]+\.js/.exec(html)?.[0] ?? '';
  const file = await request.get(CONSOLE_URL + script);
  expect(page.headers()['cache-control']).toBe('no-cache');
  expect(file.headers()['cache-control']).toBe('public, max-age=31536000, immutable');
  for (const answer of [page, file]) {
    expect(answer.status()).toBe(200);
    expect(answer.headers()).toMatchObject({
      'content-encoding': 'br',
      vary: 'Accept-Encoding',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'strict-origin-when-cross-origin',
    });
    expect(answer.headers()['content-security-policy']).toContain("default-src 'none'");
  }
  // Who has the page already is told that nothing changed.
  const known = await request.get(CONSOLE_URL, { headers: { accept: 'text/html', 'if-none-match': page.headers().etag ?? '' } });
  expect(known.status()).toBe(304);
  expect((await request.get(`${CONSOLE_URL}/_app/immutable/gone.js`)).status()).toBe(404);
});
