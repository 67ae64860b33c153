// What a user of a launched meals app does.

import type { Page } from '@playwright/test';
import { acceptTerms, launched, logIn, plan, register, signUp } from '../fixtures/actions.ts';
import { Client } from '../fixtures/client.ts';
import { audit, expect, test } from '../fixtures/test.ts';
import { PASSWORD, appUrl, world } from '../fixtures/world.ts';
import { unique } from '../fixtures/words.ts';

const APP_URL = appUrl('cibozer');

const BANNER = 'This application is for educational purposes only. Not medical advice. Consult healthcare professionals.';

test('says what it must, where it must', async ({ page }) => {
  for (const path of ['/', '/create', '/about', '/terms', '/privacy', '/disclaimers', '/login', '/register']) {
    await page.goto(APP_URL + path);
    await expect(page.getByRole('complementary', { name: 'Notice' }).getByText(BANNER), path).toBeVisible();
  }
  for (const path of ['/', '/create', '/about']) {
    await page.goto(APP_URL + path);
    await expect(page.getByText('These statements have not been evaluated by the Food and Drug Administration.'), path).toBeVisible();
    await expect(page.getByText('These statements have not been evaluated by the FDA.'), path).toBeVisible();
  }
  await page.goto(APP_URL);
  await expect(page.getByRole('heading', { name: 'Important Medical Disclaimer' })).toBeVisible();
  for (const phrase of ['NOT intended to provide medical advice', 'consult your physician', 'Individual results may vary'])
    await expect(page.getByText(phrase, { exact: false }).first(), phrase).toBeVisible();
});

async function registerOn(page: Page, url: string, email: string) {
  await page.goto(`${url}/register?next=/account`);
  await page.getByLabel('E-mail').fill(email);
  await page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Register' }).click();
  await page.getByRole('checkbox', { name: /terms/ }).check();
  await page.getByRole('checkbox', { name: /privacy/ }).check();
  await page.getByRole('button', { name: 'Agree and go on' }).click();
  await expect(page.getByRole('heading', { name: 'Account', exact: true })).toBeVisible();
}

async function logInOn(page: Page, url: string, email: string, password: string) {
  await page.goto(`${url}/login?next=/account`);
  await page.getByLabel('E-mail').fill(email);
  await page.getByRole('textbox', { name: 'Password' }).fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
}

test('from four answers to a shopping list, through the legal gate', async ({ page, faults }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(APP_URL);
  await page.getByRole('link', { name: 'Plan my week' }).click();

  const calories = page.getByRole('spinbutton', { name: 'Calories a day' });
  await calories.fill('1100');
  await expect(page.getByText('Below 1200 kcal.')).toBeVisible();
  await calories.fill('700');
  await expect(page.getByText('Between 800 and 5000 kcal a day')).toBeVisible();
  await calories.fill('2000');
  await page.getByRole('button', { name: 'Continue' }).click();

  await page.getByRole('radio', { name: /Paleo/ }).check({ force: true });
  await expect(page.getByText('ALWAYS consult your physician before starting any diet program.')).toBeVisible();
  await page.reload();
  await expect(page.getByRole('radio', { name: /Paleo/ })).toBeChecked();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('radio', { name: /Three meals$|^Three meals B/ }).first().check({ force: true });
  await page.getByRole('button', { name: 'Continue' }).click();
  for (const wish of ['Fish-free', 'Tree-nut-free', 'Egg-free']) await page.getByText(wish, { exact: true }).click();
  await page.getByRole('button', { name: 'Make my plan' }).click();

  await page.getByLabel('E-mail').fill(`${unique('mira')}@example.org`);
  await page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Register' }).click();

  const agree = page.getByRole('button', { name: 'Agree and go on' });
  await page.getByRole('checkbox', { name: /terms/ }).check();
  await expect(agree).toBeDisabled();
  await page.getByRole('checkbox', { name: /privacy/ }).check();
  await agree.click();

  // Paleo without fish, nuts and eggs has no week; giving up one wish that is enough alone makes the plan.
  await page.getByRole('button', { name: 'Make my plan' }).click();
  await expect(page.getByRole('heading', { name: 'These wishes do not fit together' })).toBeVisible();
  await audit(page, faults);
  await page.getByRole('listitem').filter({ hasNotText: 'not enough' }).getByRole('button', { name: /^(Drop|Use)/ }).first().click();
  await expect(page.getByRole('heading', { name: 'Monday' })).toBeVisible();

  await page.getByRole('link', { name: 'Wednesday' }).click();
  await expect(page).toHaveURL(/day=3/);
  await expect(page.getByRole('heading', { name: 'Wednesday' })).toBeVisible();
  await page.getByRole('button', { name: /Dinner/ }).click();
  await expect(page.getByRole('dialog').getByRole('heading', { name: 'Ingredients' })).toBeVisible();
  await audit(page, faults);
  await page.keyboard.press('Escape');

  await page.getByRole('link', { name: 'Shopping list' }).click();
  const first = page.getByRole('checkbox').first();
  await first.check();
  await page.reload();
  await expect(page.getByRole('checkbox').first()).toBeChecked();

  // Another week is another plan; one of them is deleted, and comes back by undo.
  await page.getByRole('button', { name: 'Another week' }).click();
  await expect(page).not.toHaveURL(/show=shopping/);
  await page.getByRole('link', { name: 'My plans' }).first().click();
  const plans = page.getByRole('button', { name: /Delete the plan/ });
  await expect(plans).toHaveCount(2);
  await plans.first().click();
  await expect(plans).toHaveCount(1);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(plans).toHaveCount(2);
});

test('the same address in two apps is two accounts', async ({ page, partner }) => {
  const email = `${unique('mira')}@example.org`;
  const slug = unique('curlew');
  await signUp(partner, `${slug}@northwind.example`);
  await launched(partner, slug, 'Curlew');
  await registerOn(page, APP_URL, email);
  await logInOn(page, appUrl(slug), email, PASSWORD);
  await expect(page.getByRole('alert')).toContainText('Check both');
  await registerOn(page, appUrl(slug), email);

  // Deleting one leaves the other.
  await page.getByRole('button', { name: 'Delete…' }).click();
  const confirm = page.getByRole('button', { name: 'Delete for good' });
  await page.getByRole('textbox', { name: 'Your password' }).fill(PASSWORD);
  await expect(confirm).toBeDisabled();
  await page.getByLabel(/Type/).fill('delete');
  await confirm.click();
  await expect(page.getByText('Your account is deleted')).toBeVisible();
  await logInOn(page, appUrl(slug), email, PASSWORD);
  await expect(page.getByRole('alert')).toContainText('Check both');
  await page.goto(`${APP_URL}/account`);
  await expect(page.getByText(email)).toBeVisible();
});

test('a password is changed, and logging out everywhere ends every session', async ({ page, browser, address }) => {
  const email = `${unique('theo')}@example.org`;
  await registerOn(page, APP_URL, email);
  const second = await browser.newContext({ extraHTTPHeaders: { 'x-forwarded-for': address } });
  const phone = await second.newPage();
  await logInOn(phone, APP_URL, email, PASSWORD);
  await expect(phone.getByText(email)).toBeVisible();

  await page.getByRole('textbox', { name: 'Current password' }).fill('not this one at all');
  await page.getByRole('textbox', { name: 'New password' }).fill('amber kettle by the sea');
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page.getByText('This is not the present password.')).toBeVisible();
  await page.getByRole('textbox', { name: 'Current password' }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page.getByText('Your password is changed')).toBeVisible();
  await page.getByRole('button', { name: 'Log out everywhere…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Log out everywhere' }).click();
  await expect(page.getByText('You are logged out on every device')).toBeVisible();
  await phone.goto(`${APP_URL}/account`);
  await expect(phone.getByRole('heading', { name: 'Welcome back' })).toBeVisible();
  await second.close();

  await logInOn(page, APP_URL, email, PASSWORD);
  await expect(page.getByRole('alert')).toContainText('Check both');
  await logInOn(page, APP_URL, email, 'amber kettle by the sea');
  await expect(page.getByText(email)).toBeVisible();
});

test('forms name the field and the rule', async ({ page, faults }) => {
  await page.goto(`${APP_URL}/register`);
  const email = page.getByLabel('E-mail');
  const password = page.getByRole('textbox', { name: 'Password' });
  const submit = page.getByRole('button', { name: 'Register' });
  await email.fill('mira@example.org');
  await password.fill('too short');
  await expect(submit).toBeDisabled();
  await password.fill('password1234');
  await submit.click();
  await expect(page.getByText(/first that anybody would try|common|guess/i)).toBeVisible();
  await password.fill(PASSWORD);
  await submit.click();
  await expect(page.getByText(/already|taken/i)).toBeVisible();
  await audit(page, faults);
});

test('a plan is printed whole', async ({ page, context, address }) => {
  const client = new Client(APP_URL, address);
  await register(client, `${unique('ida')}@example.org`);
  await acceptTerms(client);
  const id = await plan(client);
  await client.enter(context);
  await page.goto(`${APP_URL}/plans/${id}?show=why`);
  await expect(page.getByRole('heading', { name: 'Rules that are never bent' })).toBeVisible();
  await page.emulateMedia({ media: 'print' });
  for (const day of ['Monday', 'Sunday']) await expect(page.getByRole('heading', { name: day })).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Shopping list' })).toBeVisible();
  await expect(page.getByText('ALWAYS consult your physician')).toBeVisible();
  await expect(page.getByText('Not medical advice.')).toBeVisible();
  for (const name of ['Print', 'Untick all']) await expect(page.getByRole('button', { name })).toBeHidden();
  await page.setViewportSize({ width: 794, height: 1123 });
  await page.screenshot({ path: 'screenshots/meals-plan-print.png', fullPage: true });
});

test('a user of one app is nobody in another', async ({ page, context, partner, address }) => {
  const slug = unique('knot');
  await signUp(partner, `${slug}@northwind.example`);
  await launched(partner, slug, 'Knot');
  const client = new Client(APP_URL, address);
  await logIn(client, world().planner.email);
  await client.enter(context);
  await page.goto(`${APP_URL}/account`);
  await expect(page.getByText(world().planner.email)).toBeVisible();
  await page.goto(`${appUrl(slug)}/plans/${world().planner.plan}`);
  await expect(page.getByRole('heading', { name: 'Welcome back' })).toBeVisible();
});

test.describe('installed', () => {
  test.use({ serviceWorkers: 'allow' });

  test('the app carries its brand into the home screen', async ({ page }) => {
    await page.goto(APP_URL);
    const manifest = await page.evaluate(async () => {
      const link = document.querySelector<HTMLLinkElement>('link[rel=manifest]');
      const answer = await fetch(link?.href ?? '');
      return (await answer.json()) as { name: string; display: string; theme_color: string; start_url: string; icons: Array<{ src: string; sizes: string; purpose?: string }> };
    });
    expect(manifest).toMatchObject({ name: 'Cibozer', display: 'standalone' });
    expect(manifest.icons.some(({ purpose }) => purpose?.includes('maskable'))).toBe(true);
    const sizes = await page.evaluate(async (icons) => {
      const load = async (src: string) => (await createImageBitmap(await (await fetch(src)).blob())).width;
      return Promise.all(icons.map(async ({ src, sizes }) => [`${await load(src)}`, sizes.split('x')[0]]));
    }, manifest.icons);
    for (const [loaded, promised] of sizes) expect(loaded).toBe(promised);
  });

  test('without a network a page says so, and comes back with it', async ({ page, context }) => {
    await page.goto(APP_URL);
    await page.evaluate(async () => {
      await navigator.serviceWorker.ready;
    });
    const cached = await page.evaluate(async () => {
      const names = await caches.keys();
      const requests = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
      return requests.flat().map((request) => new URL(request.url).pathname);
    });
    expect(cached.filter((path) => /theme|manifest|icons|api|200\.html|^\/$/.test(path))).toEqual([]);
    await page.reload();
    await expect(page.getByRole('link', { name: 'Plan my week' })).toBeVisible();
    await page.waitForLoadState('networkidle');
    await context.setOffline(true);
    await page.goto(`${APP_URL}/plans`);
    await expect(page.getByRole('heading', { name: 'You are offline' })).toBeVisible();
    await page.screenshot({ path: 'screenshots/meals-offline.png' });
    await context.setOffline(false);
    await page.goto(APP_URL);
    await expect(page.getByRole('link', { name: 'Plan my week' })).toBeVisible();
  });

  test('a new version is offered, and taken only when asked', async ({ page }) => {
    await page.goto(APP_URL);
    await page.evaluate(async () => {
      await navigator.serviceWorker.ready;
    });
    await page.reload();
    await expect(page.getByRole('link', { name: 'Plan my week' })).toBeVisible();
    // Another address of the worker is another version of it, as after an update of the server.
    await page.evaluate(() => navigator.serviceWorker.register('/service-worker.js?next').then(() => undefined));
    await expect(page.getByText('A new version is ready')).toBeVisible();
    await page.screenshot({ path: 'screenshots/meals-update.png' });
    const reloaded = page.waitForEvent('load');
    await page.getByRole('button', { name: 'Reload' }).click();
    await reloaded;
    await expect(page.getByRole('link', { name: 'Plan my week' })).toBeVisible();
    expect(await page.evaluate(() => navigator.serviceWorker.controller?.scriptURL)).toContain('?next');
  });
});
