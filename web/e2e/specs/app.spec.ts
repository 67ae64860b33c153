// What happens to one app in the console. These lean on the fixture world's apps.

import { CONSOLE_URL, pretend } from '../fixtures/world.ts';
import { expect, test } from '../fixtures/test.ts';

test.skip(Boolean(process.env.E2E_CONSOLE_URL), 'these apps exist in the fixtures only');

test('deleting asks for the name of the app', async ({ page, context }) => {
  await pretend(context, 'signed-in');
  await page.goto(`${CONSOLE_URL}/apps/app_cibozer/settings`);
  await page.getByRole('button', { name: 'Delete…' }).click();
  const confirm = page.getByRole('button', { name: 'Delete for good' });
  await expect(confirm).toBeDisabled();
  await page.getByLabel(/Type/).fill('ciboze');
  await expect(confirm).toBeDisabled();
  await page.getByLabel(/Type/).fill('cibozer');
  await confirm.click();
  await expect(page).toHaveURL(`${CONSOLE_URL}/`);
});

test('a release is checked by rebuilding and rolled back to', async ({ page, context }) => {
  await pretend(context, 'signed-in');
  await page.goto(`${CONSOLE_URL}/apps/app_cibozer/releases`);
  await page.getByRole('button', { name: 'More about release 1.0.1' }).click();
  await page.getByRole('menuitem', { name: 'Check by rebuilding' }).click();
  await expect(page.getByText('Every file is identical')).toBeVisible();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'More about release 1.0.1' }).click();
  await page.getByRole('menuitem', { name: 'Roll back to this' }).click();
  await page.getByRole('button', { name: 'Roll back', exact: true }).click();
  await expect(page).toHaveURL(/\/builds\/bld_1$/);
});

test('a viewer is offered nothing to change', async ({ page, context }) => {
  await pretend(context, 'signed-in', 'viewer');
  await page.goto(CONSOLE_URL);
  await expect(page.getByRole('link', { name: 'Cibozer' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'New app' })).toBeHidden();
  await page.goto(`${CONSOLE_URL}/apps/app_cibozer/settings`);
  await expect(page.getByRole('button', { name: 'Delete…' })).toBeDisabled();
  await expect(page.getByRole('button', { name: 'Export…' })).toBeDisabled();
});
