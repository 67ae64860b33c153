// The draft of the wizard, kept in this browser while it is typed.

import { type AppDraft, emptyAppDraft, isTouched, restoreDraft, slugOf } from './draft.ts';

const KEY = 'app-draft';

export class KeptDraft {
  value = $state<AppDraft>(emptyAppDraft());
  /** Whether this visit began with what an earlier one had entered. */
  restored = $state(false);

  constructor() {
    const kept = restoreDraft(localStorage.getItem(KEY));
    if (kept && isTouched(kept)) {
      this.value = kept;
      this.restored = true;
    }
  }

  keep(): void {
    localStorage.setItem(KEY, JSON.stringify($state.snapshot(this.value)));
  }

  nameChanged(): void {
    if (!this.value.slug_typed) this.value.slug = slugOf(this.value.name);
  }

  clear(): void {
    localStorage.removeItem(KEY);
    this.value = emptyAppDraft();
    this.restored = false;
  }
}
