import type { Problem } from '@slipway/api';

declare global {
  namespace App {
    interface Error {
      message: string;
      problem: Pick<Problem, 'title' | 'detail' | 'request_id' | 'status'>;
    }
  }
}

export {};
