import { describe, expect, it } from 'vitest';
import { contrast, formatHex, isHexColour, luminance, mix, parseHex, reachContrast, readableOn } from './contrast.ts';

describe('contrast', () => {
  it.each([
    ['#000000', '#ffffff', 21],
    ['#ffffff', '#ffffff', 1],
    // The grey that WCAG teaching material names as the lightest that passes on white.
    ['#767676', '#ffffff', 4.54],
    ['#777777', '#ffffff', 4.48],
    ['#ff0000', '#ffffff', 4.0],
    ['#0000ff', '#ffffff', 8.59],
  ])('of %s and %s is %d', (first, second, ratio) => {
    expect(contrast(first, second)).toBeCloseTo(ratio, 2);
    expect(contrast(second, first)).toBeCloseTo(ratio, 2);
  });

  it('puts luminance between black and white', () => {
    expect(luminance('#000000')).toBe(0);
    expect(luminance('#ffffff')).toBeCloseTo(1, 10);
  });
});

describe('hex', () => {
  it('round-trips', () => {
    for (const value of ['#000000', '#1b7f4d', '#ffffff', '#0a0b0c']) expect(formatHex(parseHex(value))).toBe(value);
  });

  it.each(['#fff', 'red', '1b7f4d', '#1b7f4', '#1b7f4dff', ''])('refuses "%s"', (value) => {
    expect(isHexColour(value)).toBe(false);
    expect(() => parseHex(value)).toThrow(RangeError);
  });

  it('mixes from base to colour', () => {
    expect(mix('#ffffff', '#000000', 0)).toBe('#000000');
    expect(mix('#ffffff', '#000000', 1)).toBe('#ffffff');
    expect(mix('#ffffff', '#000000', 0.5)).toBe('#808080');
  });
});

describe('reachContrast', () => {
  it('keeps a colour that already passes', () => {
    expect(reachContrast('#1b7f4d', ['#ffffff'])).toBe('#1b7f4d');
  });

  it('darkens a pale colour on white and lightens a dark one on black', () => {
    const dark = reachContrast('#ffd54a', ['#ffffff', '#fff8e1']);
    expect(Math.min(contrast(dark, '#ffffff'), contrast(dark, '#fff8e1'))).toBeGreaterThanOrEqual(4.5);
    const light = reachContrast('#102030', ['#000000']);
    expect(contrast(light, '#000000')).toBeGreaterThanOrEqual(4.5);
  });

  it('picks the readable one of black and white', () => {
    expect(readableOn('#ffd54a')).toBe('#000000');
    expect(readableOn('#1b4f7d')).toBe('#ffffff');
  });
});
