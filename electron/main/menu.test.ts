import { expect, test } from 'vitest';
import type { MenuItemConstructorOptions } from 'electron';
import { appCommands } from '../../shared/contract/app-calls.ts';
import { menuTemplate } from './menu.ts';

const flatten = (items: readonly MenuItemConstructorOptions[]): MenuItemConstructorOptions[] =>
  items.flatMap((item) => (Array.isArray(item.submenu) ? flatten(item.submenu) : [item]));

test('the menu offers every command of the page once, and no key twice', () => {
  const sent: string[] = [];
  const items = flatten(menuTemplate((command) => sent.push(command), false));
  for (const item of items) item.click?.({} as never, undefined, {} as never);
  expect(sent.toSorted()).toEqual([...appCommands].toSorted());
  const keys = items.flatMap((item) => item.accelerator ?? []);
  expect(new Set(keys).size).toBe(keys.length);
});
