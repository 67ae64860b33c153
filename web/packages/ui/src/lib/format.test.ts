import { describe, expect, it } from 'vitest';
import { ago, duration, fileSize, stageDuration } from './format.ts';

describe('format', () => {
  it.each([
    [0, '0 ms'],
    [999, '999 ms'],
    [1_000, '1.0 s'],
    [59_949, '59.9 s'],
    [61_000, '1 min 1 s'],
  ])('writes %d ms as %s', (length_ms, text) => expect(duration(length_ms)).toBe(text));

  it.each([
    [12, '12 B'],
    [48_211, '48 kB'],
    [1_250_000, '1.3 MB'],
  ])('writes %d bytes as %s', (size, text) => expect(fileSize(size)).toBe(text));

  it('writes no duration before the end', () => {
    expect(stageDuration({ started_at: '2026-11-21T10:00:00Z', finished_at: null })).toBe('');
    expect(stageDuration({ started_at: '2026-11-21T10:00:00.000Z', finished_at: '2026-11-21T10:00:00.030Z' })).toBe('30 ms');
  });

  it.each([
    ['2026-11-21T11:59:30Z', 'just now'],
    ['2026-11-21T11:55:00Z', '5 minutes ago'],
    ['2026-11-20T12:00:00Z', 'yesterday'],
    ['2026-09-01T12:00:00Z', '2 months ago'],
    // A clock that runs a little ahead is not a reason to speak of the future.
    ['2026-11-21T12:00:05Z', 'just now'],
  ])('writes %s as %s', (instant, text) => expect(ago(instant, Date.parse('2026-11-21T12:00:00Z'), 'en')).toBe(text));
});
