// Members, sessions, and the ways about the console.

import { launched, signUp } from '../fixtures/actions.ts';
import { audit, expect, test } from '../fixtures/test.ts';
import { CONSOLE_URL, PASSWORD } from '../fixtures/world.ts';
import { unique } from '../fixtures/words.ts';

test('the palette goes everywhere by keyboard', async ({ page, context, partner, faults }) => {
  await signUp(partner, `${unique('ana')}@northwind.example`);
  await partner.enter(context);
  await page.goto(CONSOLE_URL);
  await expect(page.getByRole('heading', { name: 'Launch your first app' })).toBeVisible();
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

test('a member is added, removed by keyboard, and brought back by undo', async ({ page, context, partner, faults }) => {
  await signUp(partner, `${unique('ana')}@northwind.example`);
  await partner.enter(context);
  await page.goto(`${CONSOLE_URL}/members`);
  await page.getByRole('button', { name: 'Add member' }).click();
  const dialog = page.getByRole('dialog');
  await audit(page, faults);
  await dialog.getByLabel('Name').fill('Dara Quinn');
  await dialog.getByLabel('E-mail').fill('dara@');
  await dialog.getByRole('button', { name: 'Add member' }).click();
  expect(await dialog.getByLabel('E-mail').evaluate((input: HTMLInputElement) => input.validationMessage)).not.toBe('');
  await dialog.getByLabel('E-mail').fill(`${unique('dara')}@northwind.example`);
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

test('a viewer signs in with the first password and is offered nothing to change', async ({ page, context, partner }) => {
  await signUp(partner, `${unique('ana')}@northwind.example`);
  const { app } = await launched(partner, unique('dunlin'), 'Dunlin');
  await partner.enter(context);
  const email = `${unique('dara')}@northwind.example`;
  await page.goto(`${CONSOLE_URL}/members`);
  await page.getByRole('button', { name: 'Add member' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('Dara Quinn');
  await dialog.getByLabel('E-mail').fill(email);
  await dialog.getByLabel('Role').selectOption('viewer');
  await dialog.getByRole('button', { name: 'Add member' }).click();
  const first_password = await dialog.locator('code').innerText();
  await context.clearCookies();

  await page.goto(CONSOLE_URL);
  await page.getByLabel('E-mail').fill(email);
  await page.getByRole('textbox', { name: 'Password' }).fill(first_password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('link', { name: 'Dunlin' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'New app' })).toBeHidden();
  await page.goto(`${CONSOLE_URL}/apps/${app.id}/settings`);
  await expect(page.getByRole('button', { name: 'Delete…' })).toBeDisabled();
  await expect(page.getByRole('button', { name: 'Export…' })).toBeDisabled();
  await expect(page.getByRole('button', { name: 'Suspend…' })).toBeDisabled();
  await page.goto(`${CONSOLE_URL}/members`);
  await expect(page.getByRole('row', { name: /Dara Quinn/ })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Add member' })).toBeHidden();
});

test('a password is changed, and signing out everywhere ends every other session', async ({ page, context, browser, partner, address }) => {
  const email = `${unique('ana')}@northwind.example`;
  await signUp(partner, email);
  await partner.enter(context);
  const second = await browser.newContext({ extraHTTPHeaders: { 'x-forwarded-for': address } });
  const laptop = await second.newPage();
  await laptop.goto(`${CONSOLE_URL}/sign-in`);
  await laptop.getByLabel('E-mail').fill(email);
  await laptop.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
  await laptop.getByRole('button', { name: 'Sign in' }).click();
  await expect(laptop.getByRole('heading', { name: 'Launch your first app' })).toBeVisible();

  await page.goto(`${CONSOLE_URL}/account`);
  await page.getByRole('textbox', { name: 'Current password' }).fill('a wrong password');
  await page.getByRole('textbox', { name: 'New password' }).fill('amber kettle by the sea');
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page.getByText('This is not the present password.')).toBeVisible();
  await page.getByRole('textbox', { name: 'Current password' }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page.getByText('Your password is changed')).toBeVisible();

  await page.getByRole('button', { name: 'Sign out everywhere…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Sign out everywhere' }).click();
  await expect(page).toHaveURL(/\/sign-in/);
  await laptop.goto(`${CONSOLE_URL}/members`);
  await expect(laptop).toHaveURL(/\/sign-in\?next=%2Fmembers$/);
  await second.close();

  await page.getByLabel('E-mail').fill(email);
  await page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert')).toContainText('Check both');
  await page.getByRole('textbox', { name: 'Password' }).fill('amber kettle by the sea');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { name: 'Launch your first app' })).toBeVisible();
});

test('nobody enters without a session, and a wrong password says what to do', async ({ page }) => {
  await page.goto(`${CONSOLE_URL}/members`);
  await expect(page).toHaveURL(/\/sign-in\?next=%2Fmembers$/);
  await page.getByLabel('E-mail').fill('nobody@northwind.example');
  await page.getByRole('textbox', { name: 'Password' }).fill('a wrong password');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert')).toContainText('Check both');
});
