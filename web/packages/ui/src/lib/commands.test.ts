import { expect, it } from 'vitest';
import { type Command, rankCommands } from './commands.ts';

const COMMANDS: Command[] = [
  { name: 'apps', title: 'Apps', group: 'Go to' },
  { name: 'new', title: 'Launch a new app', group: 'Do', keywords: 'create wizard' },
  { name: 'members', title: 'Members', group: 'Go to', keywords: 'people team roles' },
  { name: 'cibozer', title: 'Cibozer', group: 'Apps' },
];

it.each([
  ['', ['apps', 'new', 'members', 'cibozer']],
  ['app', ['apps', 'new', 'cibozer']],
  ['new app', ['new']],
  ['team', ['members']],
  ['cbz', ['cibozer']],
  ['  MEM ', ['members']],
  ['xyz', []],
])('ranks "%s"', (typed, names) => {
  expect(rankCommands(COMMANDS, typed).map((command) => command.name)).toEqual(names);
});
