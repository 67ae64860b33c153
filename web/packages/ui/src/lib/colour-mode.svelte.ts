// System, light or dark. The choice is kept in this browser and put on the root element, where the sheets read it.

import { createContext } from 'svelte';

export const COLOUR_MODES = ['system', 'light', 'dark'] as const;
export type ColourMode = (typeof COLOUR_MODES)[number];
const KEY = 'colour-mode';

export class ColourModeChoice {
  value = $state<ColourMode>('system');

  constructor() {
    try {
      const kept = localStorage.getItem(KEY);
      if (COLOUR_MODES.includes(kept as ColourMode)) this.set(kept as ColourMode);
    } catch {
      // A browser that refuses storage shows the system's mode.
    }
  }

  set(mode: ColourMode): void {
    this.value = mode;
    const root = document.documentElement;
    if (mode === 'system') delete root.dataset.theme;
    else root.dataset.theme = mode;
    try {
      localStorage.setItem(KEY, mode);
    } catch {
      // The choice then lasts as long as the page.
    }
  }
}

export const [getColourMode, setColourMode] = createContext<ColourModeChoice>();
