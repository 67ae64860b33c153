// Short messages at the edge of the screen. An act that can be undone offers it here; nothing that must be read is said only here.

import { createContext } from 'svelte';

export interface Toast {
  id: number;
  text: string;
  tone: 'neutral' | 'success' | 'danger';
  action?: { label: string; run: () => void };
}

const SHOWN_MS = 6_000;

export class Toaster {
  toasts = $state.raw<Toast[]>([]);
  #next = 1;
  // Nobody renders the timers, so they need no reactivity.
  // eslint-disable-next-line svelte/prefer-svelte-reactivity
  readonly #timers = new Map<number, { timer: ReturnType<typeof setTimeout>; gone: () => void }>();

  say(text: string, tone: Toast['tone'] = 'success'): void {
    this.#show({ text, tone }, () => {});
  }

  /** Offers a reload or the like, and stays until it is answered. */
  offer(text: string, label: string, run: () => void): void {
    const id = this.#next++;
    this.toasts = [...this.toasts, { id, text, tone: 'neutral', action: { label, run } }];
  }

  /** Runs `commit` when the toast goes, unless the person undid it before. */
  undoable(text: string, commit: () => void, undo: () => void): void {
    const toast = this.#show({ text, tone: 'neutral' }, commit);
    const run = () => {
      this.#forget(toast.id);
      undo();
    };
    this.toasts = this.toasts.map((other) => (other.id === toast.id ? { ...other, action: { label: 'Undo', run } } : other));
  }

  /** Closes a toast, which lets what it announced happen. */
  close(id: number): void {
    const entry = this.#timers.get(id);
    this.#forget(id);
    entry?.gone();
  }

  /** Lets everything announced happen now, as before leaving the page. */
  flush(): void {
    for (const id of [...this.#timers.keys()]) this.close(id);
  }

  #show(content: Omit<Toast, 'id'>, gone: () => void): Toast {
    const toast = { id: this.#next++, ...content };
    this.toasts = [...this.toasts.slice(-2), toast];
    this.#timers.set(toast.id, { timer: setTimeout(() => this.close(toast.id), SHOWN_MS), gone });
    return toast;
  }

  #forget(id: number): void {
    clearTimeout(this.#timers.get(id)?.timer);
    this.#timers.delete(id);
    this.toasts = this.toasts.filter((toast) => toast.id !== id);
  }
}

export const [getToaster, setToaster] = createContext<Toaster>();
