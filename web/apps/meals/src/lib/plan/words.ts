// How a plan is worded: amounts, nutrients, days and slots. Pure.

import type { MealOptions, Nutrition, PlanSummary } from '@slipway/api';

/** What is not known is shown as such, never as zero. */
export const UNKNOWN = '–';

export function isKnown(value: number | null | undefined): value is number {
  return value !== null && value !== undefined;
}

export function amount(amount_g: number): string {
  if (amount_g >= 1_000) return `${trim(amount_g / 1_000, 2)} kg`;
  return amount_g >= 10 ? `${Math.round(amount_g)} g` : `${trim(amount_g, 1)} g`;
}

export function quantity(value: number | null | undefined, unit: string, digits = 0): string {
  return isKnown(value) ? `${trim(value, digits)} ${unit}` : UNKNOWN;
}

type NutrientName = Exclude<keyof Nutrition, 'at_least'>;

export interface NutrientLine {
  name: NutrientName;
  title: string;
  text: string;
}

const NUTRIENTS: ReadonlyArray<[name: NutrientName, title: string, unit: string, digits: number]> = [
  ['kcal', 'Energy', 'kcal', 0],
  ['protein_g', 'Protein', 'g', 0],
  ['carbs_g', 'Carbohydrates', 'g', 0],
  ['fat_g', 'Fat', 'g', 0],
  ['fiber_g', 'Fibre', 'g', 0],
  ['net_carbs_g', 'Net carbohydrates', 'g', 0],
  ['sugars_g', 'Sugars', 'g', 0],
  ['sodium_mg', 'Sodium', 'mg', 0],
  ['iron_mg', 'Iron', 'mg', 1],
  ['calcium_mg', 'Calcium', 'mg', 0],
  ['potassium_mg', 'Potassium', 'mg', 0],
  ['vitamin_b12_ug', 'Vitamin B12', 'µg', 1],
  ['vitamin_d_ug', 'Vitamin D', 'µg', 1],
  ['omega_3_g', 'Omega-3', 'g', 1],
];

/** One line for each nutrient, divided by `days`. Where some foods do not know a nutrient, the line says what the others sum up to. */
export function nutrientLines(nutrition: Nutrition, days = 1): NutrientLine[] {
  return NUTRIENTS.map(([name, title, unit, digits]) => {
    const value = nutrition[name];
    const known = nutrition.at_least[name];
    if (!isKnown(value) && known) return { name, title, text: `at least ${quantity(known / days, unit, digits)}` };
    return { name, title, text: quantity(isKnown(value) ? value / days : null, unit, digits) };
  });
}

/** Shares of the energy that protein, carbohydrates and fat give (4, 4 and 9 kcal per gram), or null while one is unknown. */
export function energyShares({ protein_g, carbs_g, fat_g }: Nutrition): { protein: number; carbs: number; fat: number } | null {
  if (!isKnown(protein_g) || !isKnown(carbs_g) || !isKnown(fat_g)) return null;
  const [protein, carbs, fat] = [protein_g * 4, carbs_g * 4, fat_g * 9];
  const total = protein + carbs + fat;
  return total > 0 ? { protein: protein / total, carbs: carbs / total, fat: fat / total } : null;
}

/** "1,900–2,100", in whole numbers: a range of many grams needs no decimals. */
export function rangeText(low: number, high: number): string {
  const format = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
  return `${format.format(low)}–${format.format(high)}`;
}

export function dayName(day: number): string {
  return ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'][day - 1] ?? `Day ${day}`;
}

export function words(name: string): string {
  const text = name.replaceAll('_', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function planTitle(plan: Pick<PlanSummary, 'diet_type' | 'calories'>, options?: MealOptions): string {
  const diet = options?.diets.find(({ name }) => name === plan.diet_type)?.title ?? words(plan.diet_type);
  return `${diet}, ${new Intl.NumberFormat('en').format(plan.calories)} kcal`;
}

/** "Three meals · gluten-free", in the titles of the kit; a name it does not offer any more is worded as well as it can be. */
export function planSummary(plan: Pick<PlanSummary, 'meal_pattern' | 'restrictions'>, options: MealOptions): string {
  const pattern = options.patterns.find(({ name }) => name === plan.meal_pattern)?.title ?? words(plan.meal_pattern);
  const must_haves = plan.restrictions.map((name) => options.restrictions.find((each) => each.name === name)?.title ?? words(name));
  return [pattern, ...must_haves.map((title) => title.toLowerCase())].join(' · ');
}

function trim(value: number, digits: number): string {
  return Number(value.toFixed(digits)).toString();
}
