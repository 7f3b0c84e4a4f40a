import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { makePictureProfile } from './picture-profile.ts';

test('the folder of a start is fresh; those of ended starts go, those of running ones stay', () => {
  const userData = fs.mkdtempSync(path.join(os.tmpdir(), 'composcope-picture-test-'));
  try {
    const ended = spawnSync(process.execPath, ['--version']).pid;
    const old = makePictureProfile(userData, ended);
    fs.writeFileSync(path.join(old, 'settings.json'), '{}');
    const running = makePictureProfile(userData, process.ppid);
    const own = makePictureProfile(userData, process.pid);
    fs.writeFileSync(path.join(own, 'settings.json'), '{}');
    expect([old, running, own].map((folder) => fs.existsSync(folder))).toEqual([false, true, true]);
    expect(fs.readdirSync(makePictureProfile(userData, process.pid))).toEqual([]);
  } finally {
    fs.rmSync(userData, { recursive: true });
  }
});
