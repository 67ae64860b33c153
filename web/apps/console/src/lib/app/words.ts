// How the console words facts about apps, brands and releases.

import type { Release } from '@slipway/api';

export function hostOf(url: string): string {
  return new URL(url).host;
}

export function usersText(users: number, locale?: string): string {
  return `${new Intl.NumberFormat(locale).format(users)} ${users === 1 ? 'user' : 'users'}`;
}

/** The newest release in a few words; `age` says when a finished one was made. */
export function releaseText(release: Pick<Release, 'version_name' | 'state'> | null | undefined, age: string): string {
  if (!release) return 'No release yet';
  return `v${release.version_name} · ${release.state === 'ready' ? age : releaseState(release.state).title.toLowerCase()}`;
}

/** Who did something, as well as the trail tells a partner: users of an app stay unnamed, and whoever is not among the listed members may have left. */
export function actorText(actor: string, members: ReadonlyArray<{ id: string; name: string }>, are_all: boolean): string {
  const member = members.find(({ id }) => id === actor);
  if (member) return member.name;
  if (actor === 'platform') return 'Slipway';
  return actor.startsWith('acc_') ? 'A user' : actor.startsWith('mem_') ? (are_all ? 'A former member' : 'A member') : actor;
}

/** An audit action as a person would say it: `brand.approved` is "Brand approved". */
export function actionText(action: string): string {
  const text = action.replaceAll(/[._]/g, ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

interface Wording {
  title: string;
  tone: 'neutral' | 'success' | 'warning' | 'danger' | 'accent';
}

const BRAND_STATES: Record<string, Wording> = {
  draft: { title: 'Draft', tone: 'neutral' },
  approved: { title: 'Approved', tone: 'accent' },
  released: { title: 'Released', tone: 'success' },
};

const RELEASE_STATES: Record<string, Wording> = {
  building: { title: 'Building', tone: 'accent' },
  ready: { title: 'Ready', tone: 'success' },
  failed: { title: 'Failed', tone: 'danger' },
  cancelled: { title: 'Cancelled', tone: 'neutral' },
};

const BUILD_STATES: Record<string, Wording> = {
  queued: { title: 'Queued', tone: 'neutral' },
  running: { title: 'Building', tone: 'accent' },
  done: { title: 'Done', tone: 'success' },
  failed: { title: 'Failed', tone: 'danger' },
  cancelled: { title: 'Cancelled', tone: 'neutral' },
};

const ARTEFACT_KINDS: Record<string, string> = { apk: 'Android app (APK)', aab: 'Play bundle (AAB)', store_icon: 'Store icon' };

// The document leaves states and kinds open, so that they may grow; one that is not known here is worded as well as it can be.
const wordingIn = (states: Record<string, Wording>) => (state: string): Wording => states[state] ?? { title: actionText(state), tone: 'neutral' };
export const brandState = wordingIn(BRAND_STATES);
export const releaseState = wordingIn(RELEASE_STATES);
export const buildState = wordingIn(BUILD_STATES);

export function artefactKind(kind: string): string {
  return ARTEFACT_KINDS[kind] ?? actionText(kind);
}
