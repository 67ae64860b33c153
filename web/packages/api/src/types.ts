// Readable names for the shapes of the document that are called otherwise there, and the one member of a problem it leaves open.

import type { MealPlan, MealPlanDay, MealPlanExplanation, MealPlanMeal, MealPlanRequest, MealPlanSummary, Problem } from './schema.ts';

export type Plan = MealPlan;
export type PlanSummary = MealPlanSummary;
export type Day = MealPlanDay;
export type Meal = MealPlanMeal;
export type Explanation = MealPlanExplanation;
/** A request with nothing left to the server's defaults. */
export type PlanRequest = { [Name in keyof MealPlanRequest]-?: NonNullable<MealPlanRequest[Name]> };

/** One of the wishes that cannot all be met. */
export interface Wish {
  name: string;
  explanation: string;
  /** Giving up this one alone was found to be enough. */
  is_enough: boolean;
}
/** Problems carry extension members (RFC 9457, section 3.2); these are the ones the pages read. */
export type KnownProblem = Problem & { wishes?: Wish[] };
