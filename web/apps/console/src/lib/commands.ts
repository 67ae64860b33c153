// What the command palette of the console knows.

import type { App } from '@slipway/api';
import type { ColourMode, Command } from '@slipway/ui';

interface Context {
  may_launch: boolean;
  setMode: (mode: ColourMode) => void;
  signOut: () => Promise<void>;
}

export function consoleCommands(apps: readonly App[], context: Context): Command[] {
  return [
    { name: 'apps', title: 'Apps', group: 'Go to', href: '/' },
    { name: 'members', title: 'Members', group: 'Go to', keywords: 'people team roles invite', href: '/members' },
    { name: 'account', title: 'Account', group: 'Go to', keywords: 'password profile', href: '/account' },
    ...(context.may_launch ? [{ name: 'new-app', title: 'Launch a new app', group: 'Do', keywords: 'create wizard', href: '/apps/new' }] : []),
    ...(['light', 'dark', 'system'] as const).map((mode) => ({
      name: `mode-${mode}`,
      title: `Use ${mode === 'system' ? 'the system’s' : mode} colours`,
      group: 'Do',
      keywords: 'theme night day',
      run: () => context.setMode(mode),
    })),
    { name: 'sign-out', title: 'Sign out', group: 'Do', keywords: 'log out leave', run: () => void context.signOut() },
    ...apps.flatMap((app) => [
      { name: app.id, title: app.name, group: 'Apps', keywords: app.slug, href: `/apps/${app.id}` },
      { name: `${app.id}-releases`, title: `${app.name}: releases`, group: 'Apps', keywords: `${app.slug} apk rollback`, href: `/apps/${app.id}/releases` },
    ]),
  ];
}
