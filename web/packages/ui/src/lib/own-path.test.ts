import { expect, it } from 'vitest';
import { ownPath } from './own-path.ts';

it.each([
  [null, '/'],
  ['', '/'],
  ['/members', '/members'],
  ['/apps/app_1?tab=2#x', '/apps/app_1?tab=2#x'],
  ['//evil.example', '/'],
  ['/\\evil.example', '/'],
  ['https://evil.example', '/'],
  ['javascript:alert(1)', '/'],
])('sends %s to %s', (next, path) => expect(ownPath(next)).toBe(path));
