import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

// Runes are compiled away in the apps; here the two that the class uses only have to hold a value.
vi.hoisted(() => {
  const raw = <T>(value: T) => value;
  (globalThis as Record<string, unknown>).$state = Object.assign(raw, { raw });
});
const { Toaster } = await import('./toaster.svelte.ts');

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('undoable', () => {
  it('commits when the toast goes', () => {
    const toaster = new Toaster();
    const commit = vi.fn();
    toaster.undoable('Removed', commit, vi.fn());
    vi.advanceTimersByTime(5_999);
    expect(commit).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(commit).toHaveBeenCalledOnce();
    expect(toaster.toasts).toEqual([]);
  });

  it('never commits what was undone', () => {
    const toaster = new Toaster();
    const commit = vi.fn();
    const undo = vi.fn();
    toaster.undoable('Removed', commit, undo);
    toaster.toasts[0]?.action?.run();
    vi.advanceTimersByTime(60_000);
    toaster.flush();
    expect(undo).toHaveBeenCalledOnce();
    expect(commit).not.toHaveBeenCalled();
  });

  it('commits once on leaving the page', () => {
    const toaster = new Toaster();
    const commit = vi.fn();
    toaster.undoable('Removed', commit, vi.fn());
    toaster.flush();
    vi.advanceTimersByTime(60_000);
    expect(commit).toHaveBeenCalledOnce();
  });
});

it('shows three short messages at most, and an offer until it is answered', () => {
  const toaster = new Toaster();
  for (const text of ['one', 'two', 'three', 'four']) toaster.say(text);
  expect(toaster.toasts.map((toast) => toast.text)).toEqual(['two', 'three', 'four']);
  toaster.offer('New version', 'Reload', vi.fn());
  vi.advanceTimersByTime(60_000);
  expect(toaster.toasts.map((toast) => toast.text)).toEqual(['New version']);
});
