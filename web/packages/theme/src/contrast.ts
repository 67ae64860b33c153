// Colour arithmetic and WCAG 2.x contrast (https://www.w3.org/TR/WCAG21/#dfn-contrast-ratio). Pure: hex strings in, numbers and
// hex strings out. It refuses anything but `#rrggbb`, because that is the only form a brand may carry.

export type Rgb = readonly [red: number, green: number, blue: number];

/** WCAG AA for text of normal size. */
export const TEXT_CONTRAST = 4.5;
/** WCAG AA for large text, icons and the edges of controls. */
export const SHAPE_CONTRAST = 3;

const HEX = /^#[0-9a-f]{6}$/i;

export function isHexColour(value: string): boolean {
  return HEX.test(value);
}

/** Parses `#rrggbb` into channels 0..255. Throws a `RangeError` for any other form. */
export function parseHex(value: string): Rgb {
  if (!isHexColour(value)) throw new RangeError(`colour "${value}" is not of the form #rrggbb`);
  const number = Number.parseInt(value.slice(1), 16);
  return [(number >> 16) & 255, (number >> 8) & 255, number & 255];
}

export function formatHex(rgb: Rgb): string {
  return '#' + rgb.map((channel) => Math.round(Math.min(255, Math.max(0, channel))).toString(16).padStart(2, '0')).join('');
}

/** Relative luminance 0 (black) .. 1 (white). */
export function luminance(colour: string): number {
  const [red, green, blue] = parseHex(colour).map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Contrast ratio 1..21, independent of the order of its arguments. */
export function contrast(first: string, second: string): number {
  const [lighter, darker] = [luminance(first), luminance(second)].sort((a, b) => b - a) as [number, number];
  return (lighter + 0.05) / (darker + 0.05);
}

/** `share` of `colour` over `base`: 0 gives the base, 1 the colour. Mixed in sRGB, as a browser mixes `rgb(… / alpha)`. */
export function mix(colour: string, base: string, share: number): string {
  const over = parseHex(colour);
  const under = parseHex(base);
  return formatHex([0, 1, 2].map((index) => over[index as 0] * share + under[index as 0] * (1 - share)) as unknown as Rgb);
}

/** Black or white, whichever reads better on `background`. */
export function readableOn(background: string): string {
  return contrast('#ffffff', background) >= contrast('#000000', background) ? '#ffffff' : '#000000';
}

/**
 * The colour closest to `colour` that reaches `ratio` against every one of `backgrounds`, found by moving it towards black or
 * towards white in steps of 2 %. Returns the best of the two ends if no step reaches the ratio.
 */
export function reachContrast(colour: string, backgrounds: readonly string[], ratio = TEXT_CONTRAST): string {
  const worst = (candidate: string) => Math.min(...backgrounds.map((background) => contrast(candidate, background)));
  for (let step = 0; step <= 50; step += 1) {
    for (const end of ['#000000', '#ffffff']) {
      const candidate = mix(end, colour, step / 50);
      if (worst(candidate) >= ratio) return candidate;
    }
  }
  return worst('#000000') >= worst('#ffffff') ? '#000000' : '#ffffff';
}
