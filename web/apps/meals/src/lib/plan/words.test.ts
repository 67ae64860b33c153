import type { MealOptions, Nutrition } from '@slipway/api';
import { describe, expect, it } from 'vitest';
import { amount, dayName, energyShares, nutrientLines, planSummary, planTitle, quantity, rangeText, words } from './words.ts';

const NUTRITION: Nutrition = {
  kcal: 2000,
  protein_g: 100,
  carbs_g: 200,
  fat_g: 80,
  fiber_g: null,
  net_carbs_g: 170,
  sodium_mg: 0,
  vitamin_b12_ug: 2.44,
  iron_mg: null,
  calcium_mg: 900,
  omega_3_g: 1.25,
  vitamin_d_ug: null,
  at_least: { fiber_g: 21.4 },
};

describe('amounts', () => {
  it.each([
    [2.34, '2.3 g'],
    [9.99, '10 g'],
    [149.6, '150 g'],
    [1000, '1 kg'],
    [1234, '1.23 kg'],
  ])('%d g is %s', (grams, text) => expect(amount(grams)).toBe(text));

  it('shows what is unknown as unknown and zero as zero', () => {
    expect(quantity(null, 'g')).toBe('–');
    expect(quantity(0, 'mg')).toBe('0 mg');
    const lines = Object.fromEntries(nutrientLines(NUTRITION).map(({ name, text }) => [name, text]));
    expect(lines).toMatchObject({ fiber_g: 'at least 21 g', iron_mg: '–', sodium_mg: '0 mg', vitamin_b12_ug: '2.4 µg' });
  });
});

describe('energyShares', () => {
  it('sums to one', () => {
    const shares = energyShares(NUTRITION);
    expect(shares?.protein).toBeCloseTo(400 / 1920);
    expect((shares?.protein ?? 0) + (shares?.carbs ?? 0) + (shares?.fat ?? 0)).toBeCloseTo(1);
  });
  it('is unknown while a part is', () => {
    expect(energyShares({ ...NUTRITION, fat_g: null })).toBeNull();
    expect(energyShares({ ...NUTRITION, protein_g: 0, carbs_g: 0, fat_g: 0 })).toBeNull();
  });
});

it('names things', () => {
  expect(rangeText(1900, 2100.4)).toBe('1,900–2,100');
  expect(dayName(1)).toBe('Monday');
  expect(dayName(8)).toBe('Day 8');
  expect(words('3_meals_2_snacks')).toBe('3 meals 2 snacks');
  expect(planTitle({ diet_type: 'gluten_light', calories: 2000 })).toBe('Gluten light, 2,000 kcal');
});

it('summarises in the titles of the kit', () => {
  const options: MealOptions = {
    diets: [],
    patterns: [{ name: '3_meals', title: 'Three meals', slots: [] }],
    restrictions: [{ name: 'gluten_free', title: 'Gluten-free' }],
    calories: { min: 800, max: 5000, step: 50, warn_below: 1200 },
    max_variation: 99,
    disclaimer: { banner: '', heading: '', lead: '', statements: [], fda: [], text: '' },
  };
  expect(planSummary({ meal_pattern: '3_meals', restrictions: ['gluten_free', 'lupin_free'] }, options)).toBe('Three meals · gluten-free · lupin free');
  expect(planSummary({ meal_pattern: 'omad', restrictions: [] }, options)).toBe('Omad');
});
