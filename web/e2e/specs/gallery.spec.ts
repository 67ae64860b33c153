// Every page, on a phone and on a desk, by day and by night: audited, kept within its width, and photographed for people to look at.

import { APP_URL, CONSOLE_URL, type Pretence, pretend } from '../fixtures/world.ts';
import { audit, expect, test } from '../fixtures/test.ts';

interface Shown {
  name: string;
  path: string;
  as?: Pretence[];
  /** A heading that stands on the page once it is complete. */
  heading: string | RegExp;
  keep?: Record<string, string>;
}

const DRAFT = JSON.stringify({
  kit: 'meals',
  slug: 'goodfork',
  slug_typed: false,
  name: 'Goodfork',
  tagline: 'Dinner, decided',
  logo: { hash: 'logo-cibozer', palette: ['#1b7f4d', '#c9f2d9', '#0f5132', '#f4b740'], warnings: [] },
  colours: { primary: '#1b7f4d', on_primary: '#ffffff', background: '#ffffff', text: '#12201a' },
  company: 'Northwind Foods',
  email: 'hello@northwind.example',
  jurisdiction: 'Ireland',
  package_id: '',
});
const PALE = JSON.stringify({ ...(JSON.parse(DRAFT) as object), colours: { primary: '#f4b740', on_primary: '#ffffff', background: '#ffffff', text: '#12201a' } });

const CONSOLE: Shown[] = [
  { name: 'sign-in', path: '/sign-in', heading: 'Sign in' },
  { name: 'sign-up', path: '/sign-up', heading: 'Create an account' },
  { name: 'apps', path: '/', as: ['signed-in'], heading: 'Cibozer' },
  { name: 'apps-empty', path: '/', as: ['signed-in', 'empty'], heading: 'Launch your first app' },
  { name: 'apps-failing', path: '/', as: ['signed-in', 'failing'], heading: 'The server is busy' },
  { name: 'new-kit', path: '/apps/new', as: ['signed-in'], heading: 'What shall it be?' },
  { name: 'new-identity', path: '/apps/new?step=identity', as: ['signed-in'], heading: 'Name and logo', keep: { 'app-draft': DRAFT } },
  { name: 'new-colours', path: '/apps/new?step=colours', as: ['signed-in'], heading: 'Colours', keep: { 'app-draft': PALE } },
  { name: 'new-legal', path: '/apps/new?step=legal', as: ['signed-in'], heading: 'Who runs this app?', keep: { 'app-draft': DRAFT } },
  { name: 'new-review', path: '/apps/new?step=review', as: ['signed-in'], heading: 'Ready to launch', keep: { 'app-draft': DRAFT } },
  { name: 'app', path: '/apps/app_cibozer', as: ['signed-in'], heading: /Release 1/ },
  { name: 'app-no-release', path: '/apps/app_saffron', as: ['signed-in'], heading: 'No release yet' },
  { name: 'brands', path: '/apps/app_cibozer/brands', as: ['signed-in'], heading: 'Brand versions' },
  { name: 'brand-new', path: '/apps/app_cibozer/brands/new', as: ['signed-in'], heading: 'Legal identity' },
  { name: 'releases', path: '/apps/app_cibozer/releases', as: ['signed-in'], heading: /1\.0\.3/ },
  { name: 'building', path: '/apps/app_cibozer/builds/bld_1', as: ['signed-in', 'building'], heading: 'Building the release' },
  { name: 'build-failed', path: '/apps/app_cibozer/builds/bld_1', as: ['signed-in', 'failed'], heading: 'Trace' },
  { name: 'launched', path: '/apps/app_cibozer/builds/bld_1?launched', as: ['signed-in'], heading: /Cibozer is live/ },
  { name: 'activity', path: '/apps/app_cibozer/activity', as: ['signed-in'], heading: 'Cibozer' },
  { name: 'settings', path: '/apps/app_cibozer/settings', as: ['signed-in'], heading: 'Delete this app' },
  { name: 'members', path: '/members', as: ['signed-in'], heading: 'Members' },
  { name: 'account', path: '/account', as: ['signed-in'], heading: 'Account' },
  { name: 'missing', path: '/nowhere', as: ['signed-in'], heading: 'This page does not exist' },
];

const LOW = JSON.stringify({ calories: 900, diet_type: 'keto', meal_pattern: '3_meals', restrictions: ['dairy_free'] });

const MEALS: Shown[] = [
  { name: 'home', path: '/', heading: 'Eat well, every day of the week' },
  { name: 'about', path: '/about', heading: 'About Cibozer' },
  { name: 'terms', path: '/terms', heading: 'Terms of service' },
  { name: 'privacy', path: '/privacy', heading: 'Privacy policy' },
  { name: 'disclaimers', path: '/disclaimers', heading: 'Disclaimers' },
  { name: 'register', path: '/register', heading: 'Join Cibozer' },
  { name: 'login', path: '/login', heading: 'Welcome back' },
  { name: 'legal-acceptance', path: '/legal-acceptance', as: ['signed-in'], heading: 'Before we plan' },
  { name: 'create-energy', path: '/create', heading: 'Plan your week' },
  { name: 'create-low', path: '/create', heading: 'Plan your week', keep: { 'plan-request': LOW } },
  { name: 'create-diet', path: '/create?step=diet', heading: 'Plan your week' },
  { name: 'create-meals', path: '/create?step=meals', heading: 'Plan your week' },
  { name: 'create-restrictions', path: '/create?step=restrictions', heading: 'Plan your week', keep: { 'plan-request': LOW } },
  { name: 'plans', path: '/plans', as: ['signed-in', 'accepted'], heading: 'My plans' },
  { name: 'plans-empty', path: '/plans', as: ['signed-in', 'accepted', 'empty'], heading: 'No plans yet' },
  { name: 'plan', path: '/plans/pln_1', as: ['signed-in', 'accepted'], heading: 'Monday' },
  { name: 'plan-shopping', path: '/plans/pln_1?show=shopping', as: ['signed-in', 'accepted'], heading: 'Shopping list', keep: { 'shopping:pln_1': '["spinach","apple"]' } },
  { name: 'plan-why', path: '/plans/pln_1?show=why', as: ['signed-in', 'accepted'], heading: 'Rules that are never bent' },
  { name: 'account', path: '/account', as: ['signed-in', 'accepted'], heading: 'Account' },
  { name: 'suspended', path: '/', as: ['failing'], heading: 'Cibozer is taking a break' },
  { name: 'missing', path: '/nowhere', heading: 'Nothing on this plate' },
];

const SIZES = { phone: { width: 390, height: 844 }, desk: { width: 1280, height: 900 } } as const;

for (const [app, url, pages] of [
  ['console', CONSOLE_URL, CONSOLE],
  ['meals', APP_URL, MEALS],
] as const)
  for (const shown of pages)
    for (const [size, viewport] of Object.entries(SIZES))
      for (const mode of ['light', 'dark'] as const)
        test(`${app} ${shown.name} ${size} ${mode}`, async ({ page, context, faults }) => {
          await page.setViewportSize(viewport);
          await page.emulateMedia({ colorScheme: mode, reducedMotion: 'reduce' });
          await pretend(context, ...(shown.as ?? []));
          await page.addInitScript((kept) => {
            for (const [key, value] of Object.entries(kept)) localStorage.setItem(key, value);
          }, shown.keep ?? {});
          await page.goto(url + shown.path);
          await expect(page.getByRole('heading', { name: shown.heading }).first()).toBeVisible();
          await page.waitForLoadState('networkidle');
          await page.screenshot({ path: `screenshots/${app}-${shown.name}-${size}-${mode}.png`, fullPage: true });
          const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
          expect(overflow, 'sideways scrolling').toBe(0);
          await audit(page, faults);
        });
