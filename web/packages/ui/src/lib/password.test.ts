import { expect, it } from 'vitest';
import { passwordHint } from './password.ts';

it.each([
  ['', 0, '10 more characters needed'],
  ['ninechars', 0, '1 more character needed'],
  ['aaaaaaaaaaaa', 1, 'Easy to guess; a few unrelated words are better'],
  ['my-password-is', 1, 'Easy to guess; a few unrelated words are better'],
  ['brisk-otter-9', 2, 'Good; longer is even better'],
  ['brisk otter under lamp', 3, 'Strong'],
  // Characters are counted, not code units.
  ['🦦🌲🪵🪨🌊🔥🌾☀️', 0, '1 more character needed'],
])('judges "%s"', (password, score, text) => {
  expect(passwordHint(password)).toEqual({ score, text });
});
