// The theme sheet contract of a launched app. Its server sends `/theme.css` with exactly the custom properties of `APP_TOKENS`,
// each as `light-dark(day, night)`; one build of an app then serves every brand. The derivation here is what the console shows
// in its live preview before anything is launched. It refuses to look at anything but the four colours of a brand.

import { SHAPE_CONTRAST, TEXT_CONTRAST, contrast, luminance, mix, reachContrast, readableOn } from './contrast.ts';

export interface BrandColours {
  primary: string;
  on_primary: string;
  background: string;
  text: string;
}

export const APP_TOKENS = [
  '--color-primary',
  '--color-on-primary',
  '--color-primary-soft',
  '--color-primary-strong',
  '--color-background',
  '--color-surface',
  '--color-surface-raised',
  '--color-border',
  '--color-text',
  '--color-text-muted',
  '--color-success',
  '--color-warning',
  '--color-danger',
  '--color-focus',
] as const;

export type AppToken = (typeof APP_TOKENS)[number];
export type AppPalette = Record<AppToken, string>;
export interface AppTheme {
  light: AppPalette;
  dark: AppPalette;
}

/** Below this luminance a background is a night background, and the brand has no separate day. */
const DARK_LUMINANCE = 0.18;
const SIGNALS = { success: '#1a7a43', warning: '#8a5a00', danger: '#b3261e' };

export function appTheme(colours: BrandColours): AppTheme {
  const own = palette(colours);
  if (luminance(colours.background) < DARK_LUMINANCE) return { light: own, dark: own };
  const background = mix(colours.primary, '#0f1312', 0.05);
  const primary = reachContrast(colours.primary, [background], TEXT_CONTRAST);
  return {
    light: own,
    dark: palette({ primary, on_primary: readableOn(primary), background, text: mix('#ffffff', colours.primary, 0.93) }),
  };
}

/** The sheet a server sends. */
export function themeSheet(theme: AppTheme): string {
  const lines = APP_TOKENS.map((token) => `  ${token}: light-dark(${theme.light[token]}, ${theme.dark[token]});`);
  return `:root {\n${lines.join('\n')}\n}\n`;
}

export interface ContrastCheck {
  pair: string;
  ratio: number;
  required: number;
  ok: boolean;
}

/** The two pairs a brand must satisfy before it can be launched. */
export function checkColours(colours: BrandColours): ContrastCheck[] {
  return [
    ['on_primary on primary', contrast(colours.on_primary, colours.primary)] as const,
    ['text on background', contrast(colours.text, colours.background)] as const,
  ].map(([pair, ratio]) => ({ pair, ratio, required: TEXT_CONTRAST, ok: ratio >= TEXT_CONTRAST }));
}

function palette(colours: BrandColours): AppPalette {
  const { primary, background, text } = colours;
  const night = luminance(background) < DARK_LUMINANCE;
  const lift = (share: number) => mix('#ffffff', background, night ? share / 8 : share);
  const surface = lift(0.6);
  const raised = lift(1);
  const soft = mix(primary, background, night ? 0.22 : 0.12);
  const grounds = [background, surface, raised, soft];
  return {
    '--color-primary': primary,
    '--color-on-primary': colours.on_primary,
    '--color-primary-soft': soft,
    '--color-primary-strong': reachContrast(primary, grounds),
    '--color-background': background,
    '--color-surface': surface,
    '--color-surface-raised': raised,
    '--color-border': mix(text, background, night ? 0.18 : 0.13),
    '--color-text': text,
    '--color-text-muted': reachContrast(mix(text, background, 0.66), grounds),
    '--color-success': reachContrast(SIGNALS.success, grounds),
    '--color-warning': reachContrast(SIGNALS.warning, grounds),
    '--color-danger': reachContrast(SIGNALS.danger, grounds),
    '--color-focus': reachContrast(primary, grounds, SHAPE_CONTRAST),
  };
}
