// Which lines of a shopping list are in the basket. Kept in this browser, per plan: a list is used in a shop, often without a signal.

import type { Plan } from '@slipway/api';
import { SvelteSet } from 'svelte/reactivity';
import { amount } from './words.ts';

export class Basket {
  readonly items: SvelteSet<string>;
  readonly #key: string;

  constructor(plan_id: string) {
    this.#key = `shopping:${plan_id}`;
    this.items = new SvelteSet(restoreItems(localStorage.getItem(this.#key)));
  }

  toggle(food: string): void {
    if (!this.items.delete(food)) this.items.add(food);
    localStorage.setItem(this.#key, JSON.stringify([...this.items]));
  }

  clear(): void {
    this.items.clear();
    localStorage.removeItem(this.#key);
  }
}

export function restoreItems(text: string | null): string[] {
  try {
    const kept: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(kept) ? kept.filter((item) => typeof item === 'string') : [];
  } catch {
    return [];
  }
}

/** The list as plain text, to be sent to somebody who goes shopping. */
export function listText(list: Plan['shopping_list']): string {
  return list.map(({ title, items }) => [title, ...items.map((item) => `- ${item.title}, ${amount(item.amount_g)}`)].join('\n')).join('\n\n');
}
