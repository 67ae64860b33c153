// Where to go after signing in. The address comes from the query and so from anybody: only paths of this origin pass.

export function ownPath(next: string | null): string {
  if (!next || !next.startsWith('/') || next.startsWith('//') || next.includes('\\')) return '/';
  return next;
}
