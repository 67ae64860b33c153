// What a person asks of a plan, kept while it is typed. Pure: answers in, remarks and relaxed requests out.

import type { MealOptions, PlanRequest, Wish } from '@slipway/api';

export const STEPS = ['energy', 'diet', 'meals', 'restrictions'] as const;
export type Step = (typeof STEPS)[number];
export const STEP_TITLES: Record<Step, string> = { energy: 'Energy', diet: 'Diet', meals: 'Meals', restrictions: 'Must-haves' };

const START_CALORIES = 2000;

export function startRequest(options: MealOptions): PlanRequest {
  return {
    calories: START_CALORIES,
    diet_type: options.diets[0]?.name ?? '',
    meal_pattern: options.patterns[0]?.name ?? '',
    restrictions: [],
    variation: 0,
  };
}

/** Why the calories cannot be asked for, or undefined. */
export function caloriesRemark(calories: number | null, { min, max }: MealOptions['calories']): string | undefined {
  if (calories === null || !Number.isInteger(calories)) return 'A whole number of kilocalories';
  if (calories < min || calories > max) return `Between ${min} and ${max} kcal a day`;
  return undefined;
}

/** Reads a kept request. What the kit does not offer any more falls back to the start. */
export function restoreRequest(text: string | null, options: MealOptions): PlanRequest | null {
  if (!text) return null;
  let kept: Partial<Record<keyof PlanRequest, unknown>>;
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== 'object' || parsed === null) return null;
    kept = parsed;
  } catch {
    return null;
  }
  const start = startRequest(options);
  const known = (items: ReadonlyArray<{ name: string }>, name: unknown) => items.some((item) => item.name === name);
  const calories = typeof kept.calories === 'number' && !caloriesRemark(kept.calories, options.calories) ? kept.calories : start.calories;
  return {
    calories,
    diet_type: known(options.diets, kept.diet_type) ? (kept.diet_type as string) : start.diet_type,
    meal_pattern: known(options.patterns, kept.meal_pattern) ? (kept.meal_pattern as string) : start.meal_pattern,
    restrictions: Array.isArray(kept.restrictions) ? options.restrictions.map(({ name }) => name).filter((name) => (kept.restrictions as unknown[]).includes(name)) : [],
    variation: start.variation,
  };
}

export interface Relaxation {
  title: string;
  /** The request without the wish, or null where a person has to choose anew. */
  request: PlanRequest | null;
  step: Step;
}

/** How one colliding wish can be given up. */
export function relax(request: PlanRequest, wish: Wish, options: MealOptions): Relaxation {
  const restriction = options.restrictions.find(({ name }) => name === wish.name || `restriction:${name}` === wish.name);
  if (restriction) {
    return {
      title: `Drop “${restriction.title}”`,
      request: { ...request, restrictions: request.restrictions.filter((name) => name !== restriction.name) },
      step: 'restrictions',
    };
  }
  const first_diet = options.diets[0];
  if (wish.name === 'diet_type' && first_diet && first_diet.name !== request.diet_type) {
    return { title: `Use the ${first_diet.title.toLowerCase()} diet`, request: { ...request, diet_type: first_diet.name }, step: 'diet' };
  }
  if (wish.name === 'calories') return { title: 'Change the calories', request: null, step: 'energy' };
  if (wish.name === 'meal_pattern') return { title: 'Change the number of meals', request: null, step: 'meals' };
  if (wish.name === 'diet_type') return { title: 'Choose another diet', request: null, step: 'diet' };
  return { title: 'Change the must-haves', request: null, step: 'restrictions' };
}

/** The same wishes once more, for another week; after the last variation comes the first. */
export function anotherWeek({ calories, diet_type, meal_pattern, restrictions, variation }: PlanRequest, { max_variation }: Pick<MealOptions, 'max_variation'>): PlanRequest {
  return { calories, diet_type, meal_pattern, restrictions, variation: variation < max_variation ? variation + 1 : 0 };
}
