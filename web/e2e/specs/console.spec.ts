// What a partner does, through the pages only; nothing here knows whether the server is real.

import type { Page } from '@playwright/test';
import { CONSOLE_URL, pretend } from '../fixtures/world.ts';
import { audit, expect, test } from '../fixtures/test.ts';

const LOGO = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="512" height="512"><rect width="512" height="512" fill="#1b7f4d"/></svg>');

async function signUp(page: Page) {
  await page.goto(`${CONSOLE_URL}/sign-up`);
  await page.getByRole('textbox', { name: 'Organisation' }).fill('Northwind Foods');
  await page.getByLabel('Your name').fill('Ana Duarte');
  await page.getByLabel('E-mail').fill(`ana-${Date.now()}@northwind.example`);
  await page.getByRole('textbox', { name: 'Password' }).fill('brisk otter under lamp');
  await page.getByRole('checkbox').check();
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByRole('heading', { name: 'Launch your first app' })).toBeVisible();
}

test('a partner signs up and launches an app', async ({ page, context }) => {
  await pretend(context, 'empty');
  await signUp(page);
  await page.getByRole('link', { name: 'Launch an app' }).click();

  await page.getByRole('radio', { name: /Meal/ }).check({ force: true });
  await page.getByRole('button', { name: 'Continue' }).click();

  await page.getByLabel('Name', { exact: true }).fill('Goodfork');
  await expect(page.getByText('goodfork is free')).toBeVisible();
  await page.getByLabel(/logo/i).setInputFiles({ name: 'logo.svg', mimeType: 'image/svg+xml', buffer: LOGO });
  await expect(page.getByText('Replace the logo')).toBeVisible();
  await page.getByRole('button', { name: 'Continue' }).click();

  // A pale primary is refused, and the offered fix makes it readable.
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

  await page.getByRole('button', { name: 'Launch Goodfork' }).click();
  await expect(page.getByRole('heading', { name: 'Goodfork is live' })).toBeVisible();
  await expect(page.getByText('adb reverse tcp:8080 tcp:8080')).toBeVisible();
  await expect(page.getByRole('link', { name: /Download .*\.apk/ })).toBeVisible();
  await expect(page.getByRole('link', { name: /Download .*\.aab/ })).toBeVisible();

  await page.getByRole('link', { name: 'Apps', exact: true }).first().click();
  await expect(page.getByRole('link', { name: 'Goodfork', exact: true })).toBeVisible();
});

test('the palette goes everywhere by keyboard', async ({ page, context, faults }) => {
  await pretend(context, 'empty');
  await signUp(page);
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('combobox')).toBeFocused();
  await audit(page, faults);
  await page.keyboard.type('memb');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/members$/);
  await page.keyboard.press('Control+k');
  await page.keyboard.type('dark');
  await page.keyboard.press('Enter');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await page.reload();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await expect(page.getByRole('heading', { name: 'Members' })).toBeVisible();
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('combobox')).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('combobox')).toBeHidden();
});

test('a member is added, promoted by keyboard, and removed with undo', async ({ page, context, faults }) => {
  await pretend(context, 'empty');
  await signUp(page);
  await page.getByRole('link', { name: 'Members' }).click();
  await page.getByRole('button', { name: 'Add member' }).click();
  const dialog = page.getByRole('dialog');
  await audit(page, faults);
  await dialog.getByLabel('Name').fill('Dara Quinn');
  await dialog.getByLabel('E-mail').fill('dara@northwind.example');
  await dialog.getByRole('button', { name: 'Add member' }).click();
  await expect(dialog.getByText('It is shown only now')).toBeVisible();
  await dialog.getByRole('button', { name: 'Done' }).click();

  const row = page.getByRole('row', { name: /Dara Quinn/ });
  await page.getByRole('button', { name: 'Change Dara Quinn' }).focus();
  await page.keyboard.press('ArrowUp');
  await expect(page.getByRole('menuitem', { name: 'Remove' })).toBeFocused();
  await audit(page, faults);
  await page.keyboard.press('Enter');
  await expect(row).toBeHidden();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(row).toBeVisible();
});

test('nobody enters without a session, and a wrong password says what to do', async ({ page, context }) => {
  await pretend(context);
  await page.goto(`${CONSOLE_URL}/members`);
  await expect(page).toHaveURL(/\/sign-in\?next=%2Fmembers$/);
  await page.getByLabel('E-mail').fill('ana@northwind.example');
  await page.getByRole('textbox', { name: 'Password' }).fill('a wrong password');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert')).toContainText('check both');
});
