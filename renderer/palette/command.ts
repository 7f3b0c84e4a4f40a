/** Something that can be done: from the palette, the menu or a key. */
export interface Command {
  readonly id: string;
  readonly title: string;
  /** For a person: `Ctrl+P`. */
  readonly shortcut?: string;
  readonly run: () => void;
}

/**
 * Commands for what was typed, best first: the words at the start of words, in order, before those inside words, before
 * the letters in order. Commands that do not hold all of it are left out; without text, all in their own order.
 */
export function rankCommands(commands: readonly Command[], text: string): readonly Command[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return commands;
  return commands
    .map((command, index) => ({ command, index, score: scoreOf(command.title.toLowerCase(), wanted) }))
    .filter(({ score }) => score > 0)
    .toSorted((a, b) => b.score - a.score || a.index - b.index)
    .map(({ command }) => command);
}

function scoreOf(title: string, wanted: string): number {
  const words = wanted.split(/\s+/);
  if (words.every((word) => ` ${title}`.includes(` ${word}`))) return 3;
  if (words.every((word) => title.includes(word))) return 2;
  let at = -1;
  for (const letter of wanted.replaceAll(' ', '')) {
    at = title.indexOf(letter, at + 1);
    if (at < 0) return 0;
  }
  return 1;
}
