import * as z from 'zod';
import { Settings } from '../../shared/contract/app-calls.ts';
import { JsonFile } from './json-file.ts';

/** What a newer version wrote that this one does not know is left out, not a fault. */
const StoredSettings = Settings.strip();

/** The file of what is remembered between starts. Each part that is damaged has its default. */
export const settingsFile = (file: string): JsonFile<Settings> =>
  new JsonFile(file, (value) => StoredSettings.parse(value), {});

const Bounds = z.object({
  x: z.int(),
  y: z.int(),
  width: z.int().min(320).max(32_768),
  height: z.int().min(240).max(32_768),
  maximized: z.boolean(),
});
export type Bounds = z.output<typeof Bounds>;

/** The file of the window's place on the screen; apart from the settings, which are the page's. */
export const boundsFile = (file: string): JsonFile<Bounds | undefined> =>
  new JsonFile(file, (value) => Bounds.optional().parse(value), undefined);
