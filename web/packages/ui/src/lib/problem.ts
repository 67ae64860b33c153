// What to show of a failure that reached a page.

import { type PageProblem, pageProblem } from '@slipway/api';

export function problemOf(error: unknown): PageProblem {
  return pageProblem(error);
}
