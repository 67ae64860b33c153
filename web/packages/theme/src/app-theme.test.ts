import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { APP_TOKENS, type AppPalette, appTheme, checkColours, themeSheet } from './app-theme.ts';
import { contrast } from './contrast.ts';

const BRANDS = {
  leaf: { primary: '#1b7f4d', on_primary: '#ffffff', background: '#ffffff', text: '#12201a' },
  coral: { primary: '#c93a28', on_primary: '#ffffff', background: '#fffaf3', text: '#2a1713' },
  mustard: { primary: '#ffcc33', on_primary: '#221a00', background: '#ffffff', text: '#1c1a12' },
  night: { primary: '#8fd3ff', on_primary: '#00131f', background: '#0c1016', text: '#eef3f8' },
};

const READ_TOGETHER = ['--color-text', '--color-text-muted', '--color-primary-strong', '--color-success', '--color-warning', '--color-danger'] as const;
const GROUNDS = ['--color-background', '--color-surface', '--color-surface-raised', '--color-primary-soft'] as const;

describe.each(Object.entries(BRANDS))('theme of %s', (_name, colours) => {
  const theme = appTheme(colours);

  it.each(['light', 'dark'] as const)('reads everywhere by %s', (mode) => {
    const palette: AppPalette = theme[mode];
    for (const text of READ_TOGETHER)
      for (const ground of GROUNDS)
        expect(contrast(palette[text], palette[ground]), `${text} on ${ground}`).toBeGreaterThanOrEqual(4.5);
    expect(contrast(palette['--color-on-primary'], palette['--color-primary'])).toBeGreaterThanOrEqual(4.5);
    expect(contrast(palette['--color-focus'], palette['--color-background'])).toBeGreaterThanOrEqual(3);
  });

  it('writes every token once', () => {
    const sheet = themeSheet(theme);
    for (const token of APP_TOKENS) expect(sheet.split(`${token}:`)).toHaveLength(2);
  });
});

describe('checkColours', () => {
  it('passes a readable brand and names the failing pair of another', () => {
    expect(checkColours(BRANDS.leaf).every((check) => check.ok)).toBe(true);
    const failing = checkColours({ ...BRANDS.leaf, primary: '#ffe066' }).filter((check) => !check.ok);
    expect(failing.map((check) => check.pair)).toEqual(['on_primary on primary']);
  });
});

describe('console sheet', () => {
  const sheet = readFileSync(new URL('./console.css', import.meta.url), 'utf8');
  const palettes = [{}, {}] as [Partial<AppPalette>, Partial<AppPalette>];
  for (const [, token, day, night] of sheet.matchAll(/(--color-[a-z-]+): light-dark\((#\w{6}), (#\w{6})\)/g)) {
    palettes[0][token as '--color-text'] = day;
    palettes[1][token as '--color-text'] = night;
  }

  it.each([0, 1] as const)('defines every token and reads everywhere (%d)', (index) => {
    const palette = palettes[index] as AppPalette;
    expect(Object.keys(palette).sort()).toEqual([...APP_TOKENS].sort());
    for (const text of READ_TOGETHER)
      for (const ground of GROUNDS)
        expect(contrast(palette[text], palette[ground]), `${text} on ${ground}`).toBeGreaterThanOrEqual(4.5);
    expect(contrast(palette['--color-on-primary'], palette['--color-primary'])).toBeGreaterThanOrEqual(4.5);
  });
});
