import { randomBytes } from 'node:crypto';
import { closeSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RECORDS } from '../kernel/mount-records.ts';
import type { MountRecord } from '../kernel/mount-records.ts';
import { openRunFolder } from './run-folder.ts';

export const newId = (): string => randomBytes(8).toString('hex');

const fileOf = (id: string): string => join(RECORDS, `${id}.json`);

/** Writes a record, in place of its last version. A reader sees one or the other, whole. */
export function writeRecord(record: MountRecord): void {
  closeSync(openRunFolder('journal'));
  const beside = `${fileOf(record.id)}.new`;
  // who mounted what is to be seen in mountinfo, too: which image it is, everybody may know
  writeFileSync(beside, JSON.stringify(record), { mode: 0o644 });
  renameSync(beside, fileOf(record.id));
}

export const removeRecord = (id: string): void => rmSync(fileOf(id), { force: true });
