import { describe, expect, it } from 'vitest';
import { treeAction } from './tree-keys.ts';

const press = (key: string, modifiers: { ctrlKey?: boolean; altKey?: boolean; metaKey?: boolean } = {}) =>
  treeAction({ key, ctrlKey: false, metaKey: false, altKey: false, ...modifiers });

describe('keys of the tree', () => {
  it.each([
    ['ArrowDown', { kind: 'move', by: 1 }],
    ['ArrowLeft', { kind: 'collapse' }],
    ['End', { kind: 'edge', end: true }],
    ['*', { kind: 'expand-siblings' }],
    [' ', { kind: 'quick-look' }],
    ['x', { kind: 'type-ahead', letter: 'x' }],
    ['é', { kind: 'type-ahead', letter: 'é' }],
  ])('%s', (key, action) => expect(press(key)).toEqual(action));

  it('leaves the window its own keys', () => {
    for (const key of ['/', '?', 'F7', 'Escape', 'Tab', 'Shift']) expect(press(key)).toBeUndefined();
    expect(press('p', { ctrlKey: true })).toBeUndefined();
    expect(press('ArrowLeft', { altKey: true })).toBeUndefined();
  });

  it('takes Cmd for Ctrl', () => {
    expect(press('a', { metaKey: true })).toEqual({ kind: 'select-all' });
    expect(press('a', { ctrlKey: true })).toEqual({ kind: 'select-all' });
  });
});
