import { expect, it } from 'vitest';
import { nextItem } from './menu.ts';

const TITLES = ['Make admin', 'Make viewer', 'Remove'];

it.each([
  [-1, 'ArrowDown', 0],
  [2, 'ArrowDown', 0],
  [0, 'ArrowUp', 2],
  [-1, 'ArrowUp', 2],
  [1, 'Home', 0],
  [1, 'End', 2],
  [0, 'm', 1],
  [1, 'm', 0],
  [0, 'R', 2],
  [0, 'x', null],
  [0, 'Enter', null],
  [0, ' ', null],
])('from %d by %s to %s', (current, key, next) => expect(nextItem(TITLES, current, key)).toBe(next));

it('has nowhere to go in an empty menu', () => expect(nextItem([], -1, 'ArrowDown')).toBeNull());
