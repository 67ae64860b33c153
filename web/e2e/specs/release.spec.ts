// The life of an app after its launch: rebrand, release, roll back, rebuild, suspend, repair, delete.

import type { BrowserContext, Page } from '@playwright/test';
import { GREEN, brand, finish, launch, launched, lose, signUp, uploadLogo } from '../fixtures/actions.ts';
import type { Client } from '../fixtures/client.ts';
import { logo } from '../fixtures/logos.ts';
import { audit, expect, test } from '../fixtures/test.ts';
import { CONSOLE_URL, appUrl } from '../fixtures/world.ts';
import { unique } from '../fixtures/words.ts';

/** Somebody new, in the browser as well, with an app that is live. */
async function withApp(partner: Client, context: BrowserContext): Promise<{ slug: string; app: string; build: string; request_id: string }> {
  const slug = unique('tern');
  await signUp(partner, `${slug}@northwind.example`);
  const { app, build } = await launched(partner, slug, 'Tern');
  await partner.enter(context);
  return { slug, app: app.id, build: build.id, request_id: build.request_id };
}

const hashes = (page: Page) => page.locator('details[open] code').allInnerTexts();

test('a rebrand becomes release 2, a rollback release 3 with the files of 1, and a rebuild gives the same bytes', async ({ page, context, partner, faults }) => {
  const { slug, app } = await withApp(partner, context);
  await page.goto(`${CONSOLE_URL}/apps/${app}/releases`);
  await expect(page.getByRole('heading', { name: '1.0.0 code 1' })).toBeVisible();
  const first = await hashes(page);

  // A new version of the brand: saved as a draft, approved, released.
  await page.goto(`${CONSOLE_URL}/apps/${app}/brands`);
  await page.getByRole('link', { name: 'New version' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Tern Kitchen');
  await page.getByLabel('Tagline').fill('Far from home');
  await page.getByRole('button', { name: 'Save as version 2' }).click();
  await expect(page.getByText('Version 2 is saved as a draft')).toBeVisible();
  await page.getByRole('button', { name: 'Approve version 2' }).click();
  await page.getByRole('button', { name: 'Release version 2' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Release', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'The release is ready' })).toBeVisible();

  // Users see the new name at once.
  const visitor = await context.newPage();
  await visitor.goto(appUrl(slug));
  await expect(visitor.getByRole('link', { name: 'Tern Kitchen' }).first()).toBeVisible();

  await page.goto(`${CONSOLE_URL}/apps/${app}/releases`);
  await expect(page.getByRole('heading', { name: '1.1.0 code 2' })).toBeVisible();
  expect(await hashes(page)).not.toEqual(first);

  // Back to the inputs of the first, under a code that phones accept.
  await page.getByRole('button', { name: 'More about release 1.0.0' }).click();
  await page.getByRole('menuitem', { name: 'Roll back to this' }).click();
  await page.getByRole('button', { name: 'Roll back', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'The release is ready' })).toBeVisible();
  await page.goto(`${CONSOLE_URL}/apps/${app}/releases`);
  await expect(page.getByRole('heading', { name: '1.2.0 code 3' })).toBeVisible();
  await expect(page.getByText('Rolled back to the inputs of an earlier release.')).toBeVisible();
  await visitor.reload();
  await expect(visitor.getByRole('link', { name: 'Tern', exact: true }).first()).toBeVisible();

  await page.getByRole('button', { name: 'More about release 1.0.0' }).click();
  await page.getByRole('menuitem', { name: 'Check by rebuilding' }).click();
  await expect(page.getByText('Every file is identical')).toBeVisible();
  expect(await page.getByRole('dialog').locator('code').allInnerTexts()).toEqual(first);
  await page.keyboard.press('Escape');

  // What users see is version 1 again, and the next one to be written is still the third.
  await page.getByRole('link', { name: 'Brand', exact: true }).click();
  await page.getByRole('link', { name: 'New version' }).click();
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('Tern');
  await expect(page.getByRole('button', { name: 'Save as version 3' })).toBeVisible();
  await audit(page, faults);
});

test('a suspended app takes a break, a resumed one goes on, and the trail knows who did it', async ({ page, context, partner }) => {
  const { slug, app, request_id } = await withApp(partner, context);
  const visitor = await context.newPage();
  await page.goto(`${CONSOLE_URL}/apps/${app}/settings`);
  await page.getByRole('button', { name: 'Suspend…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Suspend', exact: true }).click();
  await expect(page.getByText('Tern is suspended')).toBeVisible();
  const paused = await visitor.goto(appUrl(slug));
  expect(paused?.status(), 'machines read from the status that it is paused').toBe(503);
  await expect(visitor.getByRole('heading', { name: 'Tern is taking a break' })).toBeVisible();
  await page.getByRole('button', { name: 'Resume' }).click();
  await expect(page.getByText('Tern is live again')).toBeVisible();
  await visitor.reload();
  await expect(visitor.getByRole('link', { name: 'Plan my week' })).toBeVisible();

  await page.goto(`${CONSOLE_URL}/apps/${app}/activity`);
  const rows = page.getByRole('table', { name: 'Activity' }).getByRole('row');
  await expect(rows.filter({ hasText: 'App suspended' })).toContainText('Ana Duarte');
  await page.getByLabel('Request id').fill(request_id);
  await page.getByRole('button', { name: 'Find' }).click();
  await expect(rows.filter({ hasText: 'App suspended' })).toBeHidden();
  await expect(rows.filter({ hasText: 'App launched' })).toBeVisible();
  await page.getByLabel('Request id').fill('req_of_nobody');
  await page.getByRole('button', { name: 'Find' }).click();
  await expect(page.getByText('Nothing happened under this id')).toBeVisible();
});

test('an app is deleted by its typed address, and its address answers no more', async ({ page, context, partner }) => {
  const { slug, app } = await withApp(partner, context);
  await page.goto(`${CONSOLE_URL}/apps/${app}/settings`);
  await page.getByRole('button', { name: 'Delete…' }).click();
  const confirm = page.getByRole('button', { name: 'Delete for good' });
  await expect(confirm).toBeDisabled();
  await page.getByLabel(/Type/).fill(slug.slice(0, -1));
  await expect(confirm).toBeDisabled();
  await page.getByLabel(/Type/).fill(slug);
  await confirm.click();
  await expect(page).toHaveURL(`${CONSOLE_URL}/`);
  await expect(page.getByRole('heading', { name: 'Launch your first app' })).toBeVisible();
  expect((await page.goto(appUrl(slug)))?.status()).toBe(404);
  await expect(page.getByText('No app answers at this address')).toBeVisible();
});

test('a build that fails says why, and is built again once the cause is gone', async ({ page, context, partner, faults }) => {
  const slug = unique('plover');
  await signUp(partner, `${slug}@northwind.example`);
  // A picture of its own: losing it hurts nobody else.
  const picture = logo(`#1b7f${(process.pid % 256).toString(16).padStart(2, '0')}`, 'leaf');
  const { hash } = await uploadLogo(partner, picture);
  lose(hash);
  const { app, build } = await launch(partner, slug, brand('Plover', hash, { colours: GREEN }));
  await finish(partner, app.id, build.id);
  await partner.enter(context);

  await page.goto(`${CONSOLE_URL}/apps/${app.id}/builds/${build.id}`);
  await expect(page.getByText('Failed').first()).toBeVisible();
  await expect(page.getByText(/logo.*(missing|lost|upload)/i)).toBeVisible();
  await audit(page, faults);
  await uploadLogo(partner, picture);
  await page.getByRole('button', { name: 'Build again' }).click();
  await expect(page.getByRole('heading', { name: 'The release is ready' })).toBeVisible();
});

test('the signing key leaves only with a password, in both formats', async ({ page, context, partner, faults }) => {
  const { slug, app } = await withApp(partner, context);
  await page.goto(`${CONSOLE_URL}/apps/${app}/settings`);
  for (const [format, ending] of [['PKCS#12', 'p12'], ['PEM', 'pem']] as const) {
    await page.getByRole('button', { name: 'Export…' }).click();
    const dialog = page.getByRole('dialog');
    await expect(dialog.getByRole('button', { name: 'Export', exact: true })).toBeDisabled();
    await dialog.getByRole('radio', { name: new RegExp(format) }).check({ force: true });
    await dialog.getByRole('textbox', { name: 'Password for the file' }).fill('correct horse battery');
    await audit(page, faults);
    const download = page.waitForEvent('download');
    await dialog.getByRole('button', { name: 'Export', exact: true }).click();
    expect((await download).suggestedFilename()).toBe(`${slug}-signing-key.${ending}`);
  }
  const play = page.getByLabel(/Google Play/);
  await play.fill('AB:CD');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText(/Copy the SHA-256 fingerprint/)).toBeVisible();
  await expect(play).toHaveValue('AB:CD');
});
