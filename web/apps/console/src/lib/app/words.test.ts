import { expect, it } from 'vitest';
import { actionText, actorText, artefactKind, brandState, hostOf, usersText } from './words.ts';

it('words facts', () => {
  expect(hostOf('http://cibozer.localhost:8080')).toBe('cibozer.localhost:8080');
  expect(usersText(1, 'en')).toBe('1 user');
  expect(usersText(1284, 'en')).toBe('1,284 users');
  expect(actionText('signing_key.exported')).toBe('Signing key exported');
  const own = { id: 'mem_1', name: 'Ana' };
  expect(['mem_1', 'mem_2', 'acc_1', 'platform'].map((actor) => actorText(actor, own))).toEqual(['Ana', 'mem_2', 'A user', 'Slipway']);
  expect(brandState('approved')).toEqual({ title: 'Approved', tone: 'accent' });
  expect(brandState('in_review')).toEqual({ title: 'In review', tone: 'neutral' });
  expect(artefactKind('ios_archive')).toBe('Ios archive');
});
