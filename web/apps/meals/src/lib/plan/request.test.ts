import type { MealOptions } from '@slipway/api';
import { describe, expect, it } from 'vitest';
import { anotherWeek, caloriesRemark, relax, restoreRequest, startRequest } from './request.ts';

const OPTIONS: MealOptions = {
  diets: [
    { name: 'standard', title: 'Standard', summary: '', disclaimer: '' },
    { name: 'keto', title: 'Keto', summary: '', disclaimer: '' },
  ],
  patterns: [
    { name: '3_meals', title: '3 meals', slots: ['breakfast', 'lunch', 'dinner'] },
    { name: 'omad', title: 'One meal a day', slots: ['dinner'] },
  ],
  restrictions: [
    { name: 'gluten_free', title: 'Gluten-free' },
    { name: 'nut_free', title: 'Nut-free' },
  ],
  calories: { min: 800, max: 5000, step: 50, warn_below: 1200 },
  max_variation: 99,
  disclaimer: { banner: '', heading: '', lead: '', statements: [], fda: [], text: '' },
};

describe('caloriesRemark', () => {
  it.each([
    [799, false],
    [800, true],
    [5000, true],
    [5001, false],
    [2000.5, false],
    [null, false],
  ])('%s', (calories, fine) => expect(caloriesRemark(calories, OPTIONS.calories) === undefined).toBe(fine));
});

describe('restoreRequest', () => {
  it('keeps what is still offered', () => {
    const kept = { calories: 1800, diet_type: 'keto', meal_pattern: 'omad', restrictions: ['nut_free'], variation: 0 };
    expect(restoreRequest(JSON.stringify(kept), OPTIONS)).toEqual(kept);
  });

  it('falls back where it is not', () => {
    const kept = { calories: 20, diet_type: 'carnivore', meal_pattern: 7, restrictions: ['soy_free', 'gluten_free'] };
    expect(restoreRequest(JSON.stringify(kept), OPTIONS)).toEqual({ ...startRequest(OPTIONS), restrictions: ['gluten_free'] });
  });

  it.each([null, '', '{', '7', 'null'])('refuses %s', (text) => expect(restoreRequest(text, OPTIONS)).toBeNull());
});

describe('relax', () => {
  const request = { calories: 900, diet_type: 'keto', meal_pattern: 'omad', restrictions: ['gluten_free', 'nut_free'], variation: 0 };
  const wish = (name: string) => relax(request, { name, explanation: '', is_enough: true }, OPTIONS);

  it('takes one restriction away and leaves the others', () => {
    expect(wish('nut_free').request?.restrictions).toEqual(['gluten_free']);
    expect(wish('restriction:nut_free').request?.restrictions).toEqual(['gluten_free']);
    expect(request.restrictions).toHaveLength(2);
  });

  it('falls back to the first diet', () => expect(wish('diet_type').request?.diet_type).toBe('standard'));

  it.each([
    ['calories', 'energy'],
    ['meal_pattern', 'meals'],
    ['restrictions', 'restrictions'],
  ])('sends %s to its step', (name, step) => expect(wish(name)).toMatchObject({ request: null, step }));
});

it('asks for another week with the same wishes, and nothing but them', () => {
  const plan = { id: 'pln_1', calories: 2000, diet_type: 'keto', meal_pattern: 'omad', restrictions: ['nut_free'], variation: 4 };
  const { id: _, ...wishes } = plan;
  expect(anotherWeek(plan, OPTIONS)).toEqual({ ...wishes, variation: 5 });
  expect(anotherWeek({ ...plan, variation: 99 }, OPTIONS).variation).toBe(0);
});
