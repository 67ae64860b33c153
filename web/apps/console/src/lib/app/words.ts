// How the console words facts about apps, brands and releases.

import type { Brand, Build, Release } from '@slipway/api';

export function hostOf(url: string): string {
  return new URL(url).host;
}

export function usersText(users: number, locale?: string): string {
  return `${new Intl.NumberFormat(locale).format(users)} ${users === 1 ? 'user' : 'users'}`;
}

/** An audit action as a person would say it: `brand.approved` is "Brand approved". */
export function actionText(action: string): string {
  const text = action.replaceAll(/[._]/g, ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

type Tone = 'neutral' | 'success' | 'warning' | 'danger' | 'accent';

export const BRAND_STATES: Record<Brand['state'], { title: string; tone: Tone }> = {
  draft: { title: 'Draft', tone: 'neutral' },
  approved: { title: 'Approved', tone: 'accent' },
  released: { title: 'Released', tone: 'success' },
};

export const RELEASE_STATES: Record<Release['state'], { title: string; tone: Tone }> = {
  building: { title: 'Building', tone: 'accent' },
  ready: { title: 'Ready', tone: 'success' },
  failed: { title: 'Failed', tone: 'danger' },
  cancelled: { title: 'Cancelled', tone: 'neutral' },
};

export const BUILD_STATES: Record<Build['state'], { title: string; tone: Tone }> = {
  queued: { title: 'Queued', tone: 'neutral' },
  running: { title: 'Building', tone: 'accent' },
  done: { title: 'Done', tone: 'success' },
  failed: { title: 'Failed', tone: 'danger' },
  cancelled: { title: 'Cancelled', tone: 'neutral' },
};

export const ARTEFACT_KINDS = { apk: 'Android app (APK)', aab: 'Play bundle (AAB)', store_icon: 'Store icon' } as const;
