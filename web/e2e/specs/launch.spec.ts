// From nothing to a live app, through the pages only: the main job of the console.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Download, Page } from '@playwright/test';
import { logo } from '../fixtures/logos.ts';
import { audit, expect, test } from '../fixtures/test.ts';
import { CONSOLE_URL, PASSWORD, appUrl } from '../fixtures/world.ts';
import { unique } from '../fixtures/words.ts';

async function signUp(page: Page) {
  await page.goto(`${CONSOLE_URL}/sign-up`);
  await page.getByRole('textbox', { name: 'Organisation' }).fill('Northwind Foods');
  await page.getByLabel('Your name').fill('Ana Duarte');
  await page.getByLabel('E-mail').fill(`${unique('ana')}@northwind.example`);
  await page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
  await page.getByRole('checkbox').check();
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByRole('heading', { name: 'Launch your first app' })).toBeVisible();
}

async function saved(download: Promise<Download>): Promise<Buffer> {
  return readFileSync(await (await download).path());
}

test('a partner signs up, brands an app, and launches it', async ({ page, context, faults }) => {
  const slug = unique('goodfork');
  await signUp(page);
  await page.getByRole('link', { name: 'Launch an app' }).click();

  // The kit.
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.getByText('Choose a kit')).toBeVisible();
  await page.getByRole('radio', { name: /Meal/ }).check({ force: true });
  await page.getByRole('button', { name: 'Continue' }).click();

  // Name, address and logo.
  await page.getByLabel('Name', { exact: true }).fill(slug);
  await expect(page.getByText(`${slug} is free`)).toBeVisible();
  await page.getByLabel(/logo/i).setInputFiles({ name: 'logo.svg', mimeType: 'image/svg+xml', buffer: logo('#1b7f4d') });
  await expect(page.getByText('Replace the logo')).toBeVisible();
  await page.getByLabel('Name', { exact: true }).fill('Goodfork');
  await page.getByRole('textbox', { name: /address/i }).fill(slug);
  await expect(page.getByText(`${slug} is free`)).toBeVisible();
  await page.getByRole('button', { name: 'Continue' }).click();

  // Colours come from the logo; a pale primary is refused, and the offered fix makes it readable.
  await expect(page.getByRole('heading', { name: 'Colours' })).toBeVisible();
  await page.getByLabel('Primary', { exact: true }).fill('#f4b740');
  await expect(page.getByText(/needs 4.5/)).toBeVisible();
  await page.getByRole('button', { name: 'Fix the contrast' }).click();
  await expect(page.getByText(/needs 4.5/)).toBeHidden();
  await page.getByRole('button', { name: 'Continue' }).click();

  // What was typed survives a reload.
  await page.getByLabel('Company').fill('Northwind Foods');
  await page.reload();
  await expect(page.getByText('Your draft from last time is here.')).toBeVisible();
  await expect(page.getByLabel('Company')).toHaveValue('Northwind Foods');
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.getByText('An address people can write to')).toBeVisible();
  await page.getByLabel('Contact e-mail').fill('hello@northwind.example');
  await page.getByLabel('Jurisdiction').fill('Ireland');
  await page.getByRole('button', { name: 'Continue' }).click();

  // Every stage reports itself, and then the app is live.
  await page.getByRole('button', { name: 'Launch Goodfork' }).click();
  await expect(page.getByRole('heading', { name: 'Goodfork is live' })).toBeVisible();
  const progress = page.getByRole('progressbar', { name: 'Progress of the build' });
  await expect(progress).toHaveAttribute('aria-valuenow', (await progress.getAttribute('aria-valuemax')) ?? '');
  for (const stage of ['Check logo and colours', 'Draw icons', 'Sign the APK', 'Bundle for Google Play', 'Verify both packages', 'Store and publish'])
    await expect(page.getByRole('listitem').filter({ hasText: stage })).toContainText(': done');
  await expect(page.getByText(/adb reverse tcp:\d+ tcp:\d+/)).toBeVisible();
  await audit(page, faults);

  // The files are what their hashes say, and signed.
  for (const [kind, signature] of [['apk', 'APK Sig Block 42'], ['aab', 'META-INF/']] as const) {
    const link = page.getByRole('link', { name: new RegExp(`Download .*\\.${kind}`) });
    const sha256 = await page.getByRole('listitem').filter({ has: link }).locator('code').innerText();
    const download = page.waitForEvent('download');
    await link.click();
    const bytes = await saved(download);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256);
    expect(bytes.includes(signature)).toBe(true);
  }

  // The app answers at its own origin, and vouches for the package with the fingerprint shown here.
  const fingerprint = await page.getByText(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/).innerText();
  const app = await context.newPage();
  await app.goto(appUrl(slug));
  await expect(app.getByRole('link', { name: 'Goodfork' }).first()).toBeVisible();
  const links = await app.evaluate(async () => (await fetch('/.well-known/assetlinks.json')).json() as Promise<Array<{ target: { sha256_cert_fingerprints: string[] } }>>);
  expect(links.flatMap(({ target }) => target.sha256_cert_fingerprints)).toContain(fingerprint);

  await page.getByRole('link', { name: 'Apps', exact: true }).first().click();
  await expect(page.getByRole('link', { name: 'Goodfork', exact: true })).toBeVisible();
});

test('the wizard names what is wrong with each field and loses nothing', async ({ page, faults }) => {
  await signUp(page);
  await page.goto(`${CONSOLE_URL}/apps/new`);
  await page.getByRole('radio', { name: /Meal/ }).check({ force: true });
  await page.getByRole('button', { name: 'Continue' }).click();

  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.getByText('Give the app a name')).toBeVisible();
  await expect(page.getByText('Add a logo')).toBeVisible();
  await audit(page, faults);

  const address = page.getByRole('textbox', { name: /address/i });
  for (const [typed, answer] of [
    ['admin', /reserved|not be used|taken/i],
    ['cibozer', /answers there already/i],
    ['-x', /lower-case letters, digits|3 to 40/i],
  ] as const) {
    await address.fill(typed);
    await expect(page.getByText(answer).first(), typed).toBeVisible();
  }

  const file = page.getByLabel(/logo/i);
  for (const [name, type, content, answer] of [
    ['logo.svg', 'image/svg+xml', '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>', /script/i],
    ['logo.png', 'image/png', 'not a picture at all', /not a PNG|neither|no picture|cannot be read/i],
    ['logo.gif', 'image/gif', 'GIF89a', /A logo is a PNG, JPEG, WebP or SVG image/],
  ] as const) {
    await file.setInputFiles({ name, mimeType: type, buffer: Buffer.from(content) });
    await expect(page.getByText(answer).first(), name).toBeVisible();
  }

  // Names of every script are names.
  for (const name of ['🥗', 'مطبخ الحديقة', 'क्षमा', 'a'.repeat(60)]) {
    await page.getByLabel('Name', { exact: true }).fill(name);
    await expect(page.getByText('Give the app a name')).toBeHidden();
    await expect(page.getByText('At most 60 characters')).toBeHidden();
  }
});

test('a lost connection is said, and the page comes back with it', async ({ page, context }) => {
  await signUp(page);
  await context.setOffline(true);
  await page.getByRole('link', { name: 'Members' }).click();
  await expect(page.getByRole('alert')).toContainText(/connection|reach/i);
  await context.setOffline(false);
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('heading', { name: 'Members' })).toBeVisible();
});
