// The sentences a meal planner must say, in the exact words that were agreed. They are not copy: no page may reword them.

export const BANNER = 'This application is for educational purposes only. Not medical advice. Consult healthcare professionals.';

export const MEDICAL_HEADING = 'Important Medical Disclaimer';
export const MEDICAL_LEAD = 'This application is NOT intended to provide medical advice.';
export const MEDICAL_POINTS = [
  'NOT intended to diagnose, treat, cure, or prevent any disease',
  'NOT a substitute for professional medical advice',
  'ALWAYS consult your physician before starting any diet program',
  'Individual results may vary significantly',
] as const;

/** Both wordings: the full name of the administration, and its abbreviation. */
export const FDA_SENTENCES = [
  'These statements have not been evaluated by the Food and Drug Administration. This product is not intended to diagnose, treat, cure, or prevent any disease.',
  'These statements have not been evaluated by the FDA.',
] as const;

export const LOW_CALORIE_WARNING =
  'This is less than most adults need. Eat this little only under the care of a physician or a registered dietitian; a plan from an app cannot replace one.';
