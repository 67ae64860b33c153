// A printed plan holds the whole week, the list and the disclaimer, and no controls.

import { APP_URL, pretend } from '../fixtures/world.ts';
import { expect, test } from '../fixtures/test.ts';

test.skip(Boolean(process.env.E2E_APP_URL), 'this plan exists in the fixtures only');

test('a plan is printed whole', async ({ page, context }) => {
  await pretend(context, 'signed-in', 'accepted');
  await page.goto(`${APP_URL}/plans/pln_1?show=why`);
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
