import { readFileSync } from 'node:fs';
import { parseMountinfo } from '../../shared/mount/mountinfo.ts';
import type { MountinfoLine } from '../../shared/mount/mountinfo.ts';

/** What is mounted, as this process sees it. */
export const mountsNow = (): readonly MountinfoLine[] => parseMountinfo(readFileSync('/proc/self/mountinfo', 'utf8'));
