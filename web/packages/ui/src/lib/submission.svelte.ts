// A form on its way to the server: whether it is travelling, and what the server said about which field.

import { ApiError, isApiError } from '@slipway/api';

export class Submission {
  working = $state(false);
  error = $state.raw<ApiError | null>(null);

  /** Runs `send` once at a time. A refusal of the server is kept for the form; anything else is a fault and thrown on. */
  async run(send: () => Promise<void>): Promise<void> {
    if (this.working) return;
    this.working = true;
    this.error = null;
    try {
      await send();
    } catch (error) {
      if (!isApiError(error)) throw error;
      this.error = error;
    } finally {
      this.working = false;
    }
  }

  field(name: string): string | undefined {
    return this.error?.field(name);
  }

  /** What to say above the form: nothing where every remark stands at its field. */
  get summary(): string {
    if (!this.error || this.error.problem.errors?.length) return '';
    return this.error.message;
  }
}
