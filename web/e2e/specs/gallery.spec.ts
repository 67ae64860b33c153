// Every page, on a phone and on a desk, by day and by night: audited, kept within its width, and photographed for people to look at.

import type { BrowserContext, Page } from '@playwright/test';
import { brand, launch, logIn, signIn, signUp, uploadLogo } from '../fixtures/actions.ts';
import { Client } from '../fixtures/client.ts';
import { logo } from '../fixtures/logos.ts';
import { audit, expect, test } from '../fixtures/test.ts';
import { CONSOLE_URL, PASSWORD, appUrl, world } from '../fixtures/world.ts';

const PARTNERS = {
  owner: () => ({ email: world().owner, password: PASSWORD }),
  viewer: () => world().viewer,
  newcomer: () => ({ email: world().newcomer, password: PASSWORD }),
};
const USERS = {
  planner: () => world().planner.email,
  beginner: () => world().beginner,
  undecided: () => world().undecided,
};

interface Shown {
  name: string;
  path: string | (() => string);
  as?: keyof typeof PARTNERS | keyof typeof USERS;
  /** A heading that stands on the page once it is complete. */
  heading: string | RegExp;
  /** What this browser remembers from an earlier visit. */
  keep?: () => Record<string, string>;
  /** What happens before the page is opened. */
  before?: (page: Page, context: BrowserContext, address: string) => Promise<string>;
  /** What is done on the page before it is looked at. */
  act?: (page: Page) => Promise<void>;
}

const draft = (colours: object) => () => ({
  'app-draft': JSON.stringify({
    kit: 'meals',
    slug: 'goodfork',
    slug_typed: false,
    name: 'Goodfork',
    tagline: 'Dinner, decided',
    logo: world().logo,
    colours,
    company: 'Northwind Foods',
    email: 'hello@northwind.example',
    jurisdiction: 'Ireland',
    package_id: '',
  }),
});
const DRAFT = draft({ primary: '#1b7f4d', on_primary: '#ffffff', background: '#ffffff', text: '#12201a' });
const PALE = draft({ primary: '#f4b740', on_primary: '#ffffff', background: '#ffffff', text: '#12201a' });

const app = (rest = '') => `/apps/${world().cibozer.id}${rest}`;

const CONSOLE: Shown[] = [
  { name: 'sign-in', path: '/sign-in', heading: 'Sign in' },
  { name: 'sign-up', path: '/sign-up', heading: 'Create an account' },
  { name: 'apps', path: '/', as: 'owner', heading: 'Cibozer' },
  { name: 'apps-viewer', path: '/', as: 'viewer', heading: 'Cibozer' },
  { name: 'apps-empty', path: '/', as: 'newcomer', heading: 'Launch your first app' },
  { name: 'new-kit', path: '/apps/new', as: 'owner', heading: 'What shall it be?' },
  { name: 'new-identity', path: '/apps/new?step=identity', as: 'owner', heading: 'Name and logo', keep: DRAFT },
  { name: 'new-colours', path: '/apps/new?step=colours', as: 'owner', heading: 'Colours', keep: PALE },
  { name: 'new-legal', path: '/apps/new?step=legal', as: 'owner', heading: 'Who runs this app?', keep: DRAFT },
  { name: 'new-review', path: '/apps/new?step=review', as: 'owner', heading: 'Ready to launch', keep: DRAFT },
  { name: 'app', path: () => app(), as: 'owner', heading: /Release 1/ },
  { name: 'app-failed', path: () => `/apps/${world().saffron.id}`, as: 'owner', heading: 'About' },
  { name: 'app-suspended', path: () => `/apps/${world().verdant.id}`, as: 'owner', heading: 'About' },
  { name: 'brands', path: () => app('/brands'), as: 'owner', heading: 'Brand versions' },
  { name: 'brand-new', path: () => app('/brands/new'), as: 'owner', heading: 'Legal identity' },
  { name: 'releases', path: () => app('/releases'), as: 'owner', heading: /1\.2\.0/ },
  { name: 'building', path: '', heading: 'Building the release', before: startBuild },
  { name: 'build-failed', path: () => `/apps/${world().saffron.id}/builds/${world().saffron.build}`, as: 'owner', heading: 'Trace' },
  { name: 'build-done', path: () => app(`/builds/${world().cibozer.build}`), as: 'owner', heading: 'Android files' },
  { name: 'launched', path: () => app(`/builds/${world().cibozer.first_build}?launched`), as: 'owner', heading: /Cibozer is live/ },
  { name: 'activity', path: () => app('/activity'), as: 'owner', heading: 'Cibozer' },
  { name: 'settings', path: () => app('/settings'), as: 'owner', heading: 'Delete this app' },
  { name: 'settings-viewer', path: () => app('/settings'), as: 'viewer', heading: 'Delete this app' },
  { name: 'settings-export', path: () => app('/settings'), as: 'owner', heading: 'Export the signing key', act: (page) => page.getByRole('button', { name: 'Export…' }).click() },
  { name: 'members', path: '/members', as: 'owner', heading: 'Members' },
  { name: 'member-new', path: '/members', as: 'owner', heading: 'Add member', act: (page) => page.getByRole('button', { name: 'Add member' }).click() },
  { name: 'account', path: '/account', as: 'owner', heading: 'Account' },
  { name: 'missing', path: '/nowhere', as: 'owner', heading: 'This page does not exist' },
];

const LOW = () => ({ 'plan-request': JSON.stringify({ calories: 900, diet_type: 'keto', meal_pattern: '3_meals', restrictions: ['dairy_free'] }) });
const plan = (rest = '') => `/plans/${world().planner.plan}${rest}`;

const MEALS: Shown[] = [
  { name: 'home', path: '/', heading: 'Eat well, every day of the week' },
  { name: 'about', path: '/about', heading: 'About Cibozer' },
  { name: 'terms', path: '/terms', heading: 'Terms of service' },
  { name: 'privacy', path: '/privacy', heading: 'Privacy policy' },
  { name: 'disclaimers', path: '/disclaimers', heading: 'Disclaimers' },
  { name: 'register', path: '/register', heading: 'Join Cibozer' },
  { name: 'login', path: '/login', heading: 'Welcome back' },
  { name: 'legal-acceptance', path: '/legal-acceptance', as: 'undecided', heading: 'Before we plan' },
  { name: 'create-energy', path: '/create', heading: 'Plan your week' },
  { name: 'create-low', path: '/create', heading: 'Plan your week', keep: LOW },
  { name: 'create-diet', path: '/create?step=diet', heading: 'Plan your week' },
  { name: 'create-meals', path: '/create?step=meals', heading: 'Plan your week' },
  { name: 'create-restrictions', path: '/create?step=restrictions', heading: 'Plan your week', keep: LOW },
  { name: 'plans', path: '/plans', as: 'planner', heading: 'My plans' },
  { name: 'plans-empty', path: '/plans', as: 'beginner', heading: 'No plans yet' },
  { name: 'plan', path: () => plan(), as: 'planner', heading: 'Monday' },
  { name: 'plan-meal', path: () => plan(), as: 'planner', heading: 'Ingredients', act: (page) => page.getByRole('button', { name: /Dinner/ }).first().click() },
  { name: 'plan-shopping', path: () => plan('?show=shopping'), as: 'planner', heading: 'Shopping list', act: (page) => page.getByRole('checkbox').first().check() },
  { name: 'plan-why', path: () => plan('?show=why'), as: 'planner', heading: 'Rules that are never bent' },
  { name: 'account', path: '/account', as: 'planner', heading: 'Account' },
  { name: 'missing', path: '/nowhere', heading: 'Nothing on this plate' },
];
const SUSPENDED: Shown[] = [{ name: 'suspended', path: '/', heading: 'Verdant is taking a break' }];

/**
 * A build that has just begun. The page sees it as the launch told it, and hears nothing more: the server's own answers, held up as by a
 * slow network, since the real build is over before anybody could look.
 */
async function startBuild(page: Page, context: BrowserContext, address: string): Promise<string> {
  const client = new Client(CONSOLE_URL, address);
  const mark = address.replaceAll('.', '-');
  await signUp(client, `saltbox-${mark}@harbour.example`, 'Harbour Kitchen', 'Ida Holm');
  const { hash } = await uploadLogo(client, logo('#1b7f4d'));
  const { app: made, build } = await launch(client, `saltbox-${mark}`, brand('Saltbox', hash));
  await page.route(`**/api/v1/apps/${made.id}/builds/${build.id}`, (route) => route.fulfill({ json: build }));
  await page.route('**/events', () => undefined);
  await client.enter(context);
  return `/apps/${made.id}/builds/${build.id}`;
}

async function enter(who: NonNullable<Shown['as']>, origin: string, context: BrowserContext, address: string): Promise<void> {
  const client = new Client(origin, address);
  if (who in PARTNERS) {
    const { email, password } = PARTNERS[who as keyof typeof PARTNERS]();
    await signIn(client, email, password);
  } else await logIn(client, USERS[who as keyof typeof USERS]());
  await client.enter(context);
}

const SIZES = { phone: { width: 390, height: 844 }, desk: { width: 1280, height: 900 } } as const;

for (const [place, origin, pages] of [
  ['console', CONSOLE_URL, CONSOLE],
  ['meals', appUrl('cibozer'), MEALS],
  ['meals', appUrl('verdant'), SUSPENDED],
] as const)
  for (const shown of pages)
    for (const [size, viewport] of Object.entries(SIZES))
      for (const mode of ['light', 'dark'] as const)
        test(`${place} ${shown.name} ${size} ${mode}`, async ({ page, context, address, faults }) => {
          await page.setViewportSize(viewport);
          await page.emulateMedia({ colorScheme: mode, reducedMotion: 'reduce' });
          if (shown.as) await enter(shown.as, origin, context, address);
          const path = shown.before ? await shown.before(page, context, address) : typeof shown.path === 'function' ? shown.path() : shown.path;
          await page.addInitScript((kept) => {
            for (const [key, value] of Object.entries(kept)) localStorage.setItem(key, value);
          }, shown.keep?.() ?? {});
          await page.goto(origin + path);
          await shown.act?.(page);
          await expect(page.getByRole('heading', { name: shown.heading }).first()).toBeVisible();
          if (!shown.before) await page.waitForLoadState('networkidle');
          await page.screenshot({ path: `screenshots/${place}-${shown.name}-${size}-${mode}.png`, fullPage: true });
          const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
          expect(overflow, 'sideways scrolling').toBe(0);
          await audit(page, faults);
        });
