// Whether a slug is free, asked while it is typed. Only the answer to the last question counts.

import { type SlugAvailability, call, isApiError } from '@slipway/api';
import { api } from '$lib/api';

const PAUSE_MS = 250;

export class SlugCheck {
  answer = $state.raw<SlugAvailability | null>(null);
  asking = $state(false);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #question = 0;

  ask(slug: string): void {
    clearTimeout(this.#timer);
    this.answer = null;
    const question = ++this.#question;
    this.asking = Boolean(slug);
    if (!slug) return;
    this.#timer = setTimeout(async () => {
      try {
        const answer = await call(api.GET('/api/v1/slugs/{slug}', { params: { path: { slug } } }));
        if (question === this.#question) this.answer = answer;
      } catch (error) {
        // Launching checks again; until then an unknown answer must not stop anybody.
        if (!isApiError(error)) throw error;
      } finally {
        if (question === this.#question) this.asking = false;
      }
    }, PAUSE_MS);
  }
}
