#!/usr/bin/env node
import { isHanging } from '../engine/stores/hanging.ts';
import { main } from './main.ts';

const status = await main(process.argv.slice(2), { out: 1, err: 2 });
// process.exit() waits for all threads, and one that hangs in the kernel never comes back; all output is written
if (isHanging() && process.platform === 'linux') {
  const { exitAtOnce } = await import('../kernel/verity-ioctl.ts');
  exitAtOnce(status);
}
process.exit(status);
