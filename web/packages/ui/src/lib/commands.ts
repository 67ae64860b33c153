// The search behind the command palette. Pure: commands and what was typed go in, an order comes out.

export interface Command {
  name: string;
  title: string;
  group: string;
  /** Further words a person may look for. */
  keywords?: string;
  href?: string;
  run?: () => void;
}

/**
 * Commands that match, best first. Every typed word must occur in the title, the group or the keywords, or its letters in that
 * order in the title. A title that begins with the text wins, then a word that begins with it, then any place, then letters.
 */
export function rankCommands(commands: readonly Command[], typed: string): Command[] {
  const words = typed.trim().toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [...commands];
  return commands
    .map((command, index) => ({ command, index, score: words.reduce((sum, word) => sum + score(command, word), 0) }))
    .filter(({ score: total }) => Number.isFinite(total))
    .sort((a, b) => b.score - a.score || a.index - b.index)
    .map(({ command }) => command);
}

function score(command: Command, word: string): number {
  const title = command.title.toLowerCase();
  if (title.startsWith(word)) return 4;
  if (title.includes(` ${word}`)) return 3;
  if (title.includes(word)) return 2;
  if (`${command.group} ${command.keywords ?? ''}`.toLowerCase().includes(word)) return 1;
  return lettersInOrder(title, word) ? 0 : Number.NEGATIVE_INFINITY;
}

function lettersInOrder(text: string, letters: string): boolean {
  let position = 0;
  for (const letter of letters) {
    position = text.indexOf(letter, position) + 1;
    if (position === 0) return false;
  }
  return true;
}
