// Which entry of a menu a key moves to (https://www.w3.org/WAI/ARIA/apg/patterns/menubar/). Pure.

/** The index to focus, or null where the key means nothing to a menu. `current` is -1 while no entry has the focus. */
export function nextItem(titles: readonly string[], current: number, key: string): number | null {
  const count = titles.length;
  if (count === 0) return null;
  if (key === 'ArrowDown') return (current + 1) % count;
  if (key === 'ArrowUp') return current <= 0 ? count - 1 : current - 1;
  if (key === 'Home') return 0;
  if (key === 'End') return count - 1;
  if ([...key].length !== 1 || key === ' ') return null;
  for (let step = 1; step <= count; step += 1) {
    const index = (current + step) % count;
    if (titles[index]?.toLowerCase().startsWith(key.toLowerCase())) return index;
  }
  return null;
}
