import { expect, it } from 'vitest';
import { actionText, actorText, artefactKind, brandState, hostOf, releaseText, usersText } from './words.ts';

it('words facts', () => {
  expect(hostOf('http://cibozer.localhost:8080')).toBe('cibozer.localhost:8080');
  expect(usersText(1, 'en')).toBe('1 user');
  expect(usersText(1284, 'en')).toBe('1,284 users');
  expect(actionText('signing_key.exported')).toBe('Signing key exported');
  const members = [
    { id: 'mem_1', name: 'Ana' },
    { id: 'mem_2', name: 'Ben' },
  ];
  expect(['mem_1', 'mem_2', 'mem_3', 'acc_1', 'platform'].map((actor) => actorText(actor, members, true))).toEqual(['Ana', 'Ben', 'A former member', 'A user', 'Slipway']);
  expect(actorText('mem_3', members, false)).toBe('A member');
  expect(releaseText(null, '')).toBe('No release yet');
  expect(releaseText({ version_name: '1.2.0', state: 'ready' }, 'yesterday')).toBe('v1.2.0 · yesterday');
  expect(releaseText({ version_name: '1.2.0', state: 'failed' }, 'yesterday')).toBe('v1.2.0 · failed');
  expect(brandState('approved')).toEqual({ title: 'Approved', tone: 'accent' });
  expect(brandState('in_review')).toEqual({ title: 'In review', tone: 'neutral' });
  expect(artefactKind('ios_archive')).toBe('Ios archive');
});
