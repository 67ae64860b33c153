import { describe, expect, it } from 'vitest';
import { type AppDraft, appInput, emptyAppDraft, isTouched, openStep, restoreDraft, slugOf, stepRemarks } from './draft.ts';

const COMPLETE: AppDraft = {
  ...emptyAppDraft(),
  kit: 'meals',
  name: ' Cibozer ',
  slug: 'cibozer',
  logo: { hash: 'abc', palette: [], warnings: [] },
  company: 'Cibozer Ltd',
  email: 'privacy@cibozer.com',
  jurisdiction: 'Ireland',
};

describe('slugOf', () => {
  it.each([
    ['Cibozer', 'cibozer'],
    ['  Ana’s  Müsli & Co. ', 'anas-musli-co'],
    ['Balloon\'d', 'balloond'],
    ['DiseñoPro', 'disenopro'],
    ['植物', ''],
    [`${'a'.repeat(39)} b`, 'a'.repeat(39)],
  ])('makes of "%s" "%s"', (name, slug) => expect(slugOf(name)).toBe(slug));
});

describe('steps', () => {
  it('opens the first that lacks something', () => {
    expect(openStep(emptyAppDraft())).toBe('kit');
    expect(openStep({ ...emptyAppDraft(), kit: 'meals' })).toBe('identity');
    expect(openStep({ ...COMPLETE, colours: { ...COMPLETE.colours, primary: '#ffee88' } })).toBe('colours');
    expect(openStep({ ...COMPLETE, email: 'nobody' })).toBe('legal');
    expect(openStep(COMPLETE)).toBe('review');
  });

  it('names the fields', () => {
    expect(Object.keys(stepRemarks({ ...COMPLETE, name: '', slug: 'No!', logo: null }, 'identity')).sort()).toEqual(['logo', 'name', 'slug']);
    expect(stepRemarks({ ...COMPLETE, name: 'x'.repeat(61) }, 'identity').name).toBe('At most 60 characters');
  });

  it.each(['-a', 'a-', 'A', 'a'.repeat(41), ''])('refuses the slug "%s"', (slug) => {
    expect(stepRemarks({ ...COMPLETE, slug }, 'identity').slug).toBeDefined();
  });
});

describe('appInput', () => {
  it('trims, and sends null for a package id to be chosen by the server', () => {
    const input = appInput(COMPLETE);
    expect(input.brand.name).toBe('Cibozer');
    expect(input.brand.package_id).toBeNull();
    expect(input.brand.logo).toBe('abc');
  });

  it('refuses a brand without a logo', () => {
    expect(() => appInput({ ...COMPLETE, logo: null })).toThrow('complete');
  });
});

describe('restoreDraft', () => {
  it('round-trips', () => expect(restoreDraft(JSON.stringify(COMPLETE))).toEqual(COMPLETE));
  it.each([null, '', '{', 'null', '[]', '{"kit":1}', JSON.stringify({ ...COMPLETE, slug: undefined })])('refuses %s', (text) => {
    expect(restoreDraft(text)).toBeNull();
  });
  it('knows an untouched draft', () => {
    expect(isTouched(emptyAppDraft())).toBe(false);
    expect(isTouched(COMPLETE)).toBe(true);
  });
});
