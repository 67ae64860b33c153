// What a person has entered about a brand and a new app, and what is still missing. Pure: drafts in, remarks and wire bodies out.

import type { AppInput, Brand, BrandInput, Colours, Logo } from '@slipway/api';
import { checkColours, isHexColour } from '@slipway/theme';

export interface BrandDraft {
  name: string;
  tagline: string;
  logo: Pick<Logo, 'hash' | 'palette' | 'warnings'> | null;
  colours: Colours;
  company: string;
  email: string;
  jurisdiction: string;
  package_id: string;
}

export interface AppDraft extends BrandDraft {
  kit: string;
  slug: string;
  /** The slug follows the name until somebody types one. */
  slug_typed: boolean;
}

export const STEPS = ['kit', 'identity', 'colours', 'legal', 'review'] as const;
export type Step = (typeof STEPS)[number];

export const STEP_TITLES: Record<Step, string> = {
  kit: 'Kit',
  identity: 'Identity',
  colours: 'Colours',
  legal: 'Legal',
  review: 'Review',
};

export const NAME_MAX_LENGTH = 60;
export const TAGLINE_MAX_LENGTH = 120;
export const START_COLOURS: Colours = { primary: '#1b7f4d', on_primary: '#ffffff', background: '#ffffff', text: '#12201a' };

export function emptyAppDraft(): AppDraft {
  return {
    kit: '',
    slug: '',
    slug_typed: false,
    name: '',
    tagline: '',
    logo: null,
    colours: { ...START_COLOURS },
    company: '',
    email: '',
    jurisdiction: '',
    package_id: '',
  };
}

export function draftOfBrand(brand: Brand, package_id: string): BrandDraft {
  return {
    name: brand.name,
    tagline: brand.tagline,
    logo: { hash: brand.logo, palette: [], warnings: [] },
    colours: { ...brand.colours },
    ...brand.legal,
    package_id,
  };
}

/** A slug made of a name: lower-case letters, digits and single hyphens, at most 40 characters. */
export function slugOf(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/['’]/g, '')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replace(/^-+|-+$/g, '');
}

export type Remarks = Partial<Record<'kit' | 'name' | 'slug' | 'tagline' | 'logo' | 'colours' | 'company' | 'email' | 'jurisdiction', string>>;

const SLUG = /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/;
const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

/** What a step still lacks, by field; an empty object means the step is complete. */
export function stepRemarks(draft: AppDraft, step: Step): Remarks {
  const brand = brandRemarks(draft);
  switch (step) {
    case 'kit':
      return draft.kit ? {} : { kit: 'Choose a kit' };
    case 'identity':
      return pick({ ...brand, ...(SLUG.test(draft.slug) ? {} : { slug: 'Lower-case letters, digits and hyphens' }) }, ['name', 'slug', 'tagline', 'logo']);
    case 'colours':
      return pick(brand, ['colours']);
    case 'legal':
      return pick(brand, ['company', 'email', 'jurisdiction']);
    case 'review':
      return {};
  }
}

export function brandRemarks(draft: BrandDraft): Remarks {
  const remarks: Remarks = {};
  const name_length = [...draft.name.trim()].length;
  if (name_length === 0) remarks.name = 'Give the app a name';
  if (name_length > NAME_MAX_LENGTH) remarks.name = `At most ${NAME_MAX_LENGTH} characters`;
  if ([...draft.tagline].length > TAGLINE_MAX_LENGTH) remarks.tagline = `At most ${TAGLINE_MAX_LENGTH} characters`;
  if (!draft.logo) remarks.logo = 'Add a logo';
  const readable = Object.values(draft.colours).every(isHexColour) && checkColours(draft.colours).every((check) => check.ok);
  if (!readable) remarks.colours = 'Some text would be hard to read';
  if (!draft.company.trim()) remarks.company = 'The company that runs the app';
  if (!EMAIL.test(draft.email.trim())) remarks.email = 'An address people can write to';
  if (!draft.jurisdiction.trim()) remarks.jurisdiction = 'Whose law applies';
  return remarks;
}

/** The first step that is not complete; `review` when all are. */
export function openStep(draft: AppDraft): Step {
  return STEPS.find((step) => Object.keys(stepRemarks(draft, step)).length > 0) ?? 'review';
}

export function brandInput(draft: BrandDraft): BrandInput {
  if (!draft.logo) throw new Error('a brand is sent only when its steps are complete');
  return {
    name: draft.name.trim(),
    tagline: draft.tagline.trim(),
    logo: draft.logo.hash,
    colours: { ...draft.colours },
    legal: { company: draft.company.trim(), email: draft.email.trim(), jurisdiction: draft.jurisdiction.trim() },
    package_id: draft.package_id.trim() || null,
  };
}

export function appInput(draft: AppDraft): AppInput {
  return { kit: draft.kit, slug: draft.slug, brand: brandInput(draft) };
}

/** Reads a kept draft. Anything that is not one, or is of another shape, gives null. */
export function restoreDraft(text: string | null): AppDraft | null {
  if (!text) return null;
  try {
    const kept: unknown = JSON.parse(text);
    const empty = emptyAppDraft();
    if (typeof kept !== 'object' || kept === null) return null;
    for (const [name, value] of Object.entries(empty)) {
      const found = (kept as Record<string, unknown>)[name];
      if (name === 'logo' ? typeof found !== 'object' : typeof found !== typeof value) return null;
    }
    return kept as AppDraft;
  } catch {
    return null;
  }
}

/** Whether anything worth keeping was entered. */
export function isTouched(draft: AppDraft): boolean {
  return Boolean(draft.kit || draft.name || draft.logo || draft.company);
}

function pick(remarks: Remarks, names: ReadonlyArray<keyof Remarks>): Remarks {
  return Object.fromEntries(names.filter((name) => remarks[name]).map((name) => [name, remarks[name]]));
}
