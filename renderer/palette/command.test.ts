import { describe, expect, it } from 'vitest';
import { rankCommands } from './command.ts';

const commands = ['Open an image…', 'Go to path in the image…', 'Show or hide the treemap', 'Theme: dark'].map(
  (title) => ({
    id: title,
    title,
    run: () => undefined,
  }),
);
const titles = (text: string): string[] => rankCommands(commands, text).map(({ title }) => title);

describe('ranking of commands', () => {
  it('shows all of them for no text', () => expect(titles(' ')).toHaveLength(4));
  it('puts starts of words first', () =>
    expect(titles('th')).toEqual(['Go to path in the image…', 'Show or hide the treemap', 'Theme: dark']));
  it('wants every word', () => expect(titles('image go')).toEqual(['Go to path in the image…']));
  it('finds letters in order', () => expect(titles('gtp')).toEqual(['Go to path in the image…']));
  it('finds nothing for nonsense', () => expect(titles('xyzzy')).toEqual([]));
});
