// What a user of a meals app does, through the pages only; nothing here knows whether the server is real.

import { APP_URL, pretend } from '../fixtures/world.ts';
import { audit, expect, test } from '../fixtures/test.ts';

const BANNER = 'This application is for educational purposes only. Not medical advice. Consult healthcare professionals.';

test('says what it must, where it must', async ({ page }) => {
  for (const path of ['/', '/create', '/about', '/terms', '/privacy', '/disclaimers', '/login', '/register']) {
    await page.goto(APP_URL + path);
    await expect(page.getByText(BANNER), path).toBeVisible();
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

test('from four answers to a shopping list, through the legal gate', async ({ page, context, faults }) => {
  await pretend(context);
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

  await page.getByRole('radio', { name: /Keto/ }).check({ force: true });
  await expect(page.getByText('ALWAYS consult your physician before starting any diet program.')).toBeVisible();
  await page.reload();
  await expect(page.getByRole('radio', { name: /Keto/ })).toBeChecked();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('radio', { name: /two snacks/ }).check({ force: true });
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByText('Dairy-free').click();
  await page.getByRole('button', { name: 'Make my plan' }).click();

  await page.getByLabel('E-mail').fill(`mira-${Date.now()}@example.org`);
  await page.getByRole('textbox', { name: 'Password' }).fill('brisk otter under lamp');
  await page.getByRole('button', { name: 'Register' }).click();

  const agree = page.getByRole('button', { name: 'Agree and go on' });
  await page.getByRole('checkbox', { name: /terms/ }).check();
  await expect(agree).toBeDisabled();
  await page.getByRole('checkbox', { name: /privacy/ }).check();
  await agree.click();

  // Keto without dairy cannot be planned here; giving up one wish makes the plan.
  await page.getByRole('button', { name: 'Make my plan' }).click();
  await expect(page.getByRole('heading', { name: 'These wishes do not fit together' })).toBeVisible();
  await audit(page, faults);
  await page.getByRole('button', { name: 'Drop “Dairy-free”' }).click();
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
});

test('an account is deleted only with the password and the word', async ({ page, context }) => {
  await pretend(context);
  await page.goto(`${APP_URL}/register?next=/account`);
  await page.getByLabel('E-mail').fill(`gone-${Date.now()}@example.org`);
  await page.getByRole('textbox', { name: 'Password' }).fill('brisk otter under lamp');
  await page.getByRole('button', { name: 'Register' }).click();
  await page.getByRole('checkbox', { name: /terms/ }).check();
  await page.getByRole('checkbox', { name: /privacy/ }).check();
  await page.getByRole('button', { name: 'Agree and go on' }).click();

  await page.getByRole('button', { name: 'Delete…' }).click();
  const confirm = page.getByRole('button', { name: 'Delete for good' });
  await page.getByRole('textbox', { name: 'Your password' }).fill('brisk otter under lamp');
  await expect(confirm).toBeDisabled();
  await page.getByLabel(/Type/).fill('delete');
  await confirm.click();
  await expect(page.getByRole('link', { name: 'Log in' })).toBeVisible();
});

test.describe('installed', () => {
  test.use({ serviceWorkers: 'allow' });

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
    await context.setOffline(false);
    await page.goto(APP_URL);
    await expect(page.getByRole('link', { name: 'Plan my week' })).toBeVisible();
  });
});
