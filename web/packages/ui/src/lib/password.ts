// A hint about the strength of a new password. Length counts most, as NIST SP 800-63B §5.1.1.2 recommends; composition rules are
// not imposed. It is a hint for a person, never a check: the server decides.

export interface PasswordHint {
  /** 0 (refused) .. 3 (strong). */
  score: 0 | 1 | 2 | 3;
  text: string;
}

/** As the server has it. */
export const PASSWORD_MIN_LENGTH = 10;

const COMMON = ['password', 'qwerty', '123456', 'letmein', 'welcome', 'iloveyou', 'admin', 'abc123'];

export function passwordHint(password: string): PasswordHint {
  const length = [...password].length;
  if (length < PASSWORD_MIN_LENGTH) {
    const missing = PASSWORD_MIN_LENGTH - length;
    return { score: 0, text: `${missing} more ${missing === 1 ? 'character' : 'characters'} needed` };
  }
  const folded = password.toLowerCase();
  if (COMMON.some((word) => folded.includes(word)) || distinctShare(folded) < 0.4) {
    return { score: 1, text: 'Easy to guess; a few unrelated words are better' };
  }
  return length >= 16 ? { score: 3, text: 'Strong' } : { score: 2, text: 'Good; longer is even better' };
}

function distinctShare(text: string): number {
  return new Set(text).size / [...text].length;
}
