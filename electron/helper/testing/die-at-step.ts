import { Caller } from '../caller.ts';
import { mount } from '../mount.ts';

/** Mounts, and dies behind the step of that number, as from `kill -9`: `die-at-step.mjs NUMBER REQUEST MANNERS`. */
const [number = '0', request = '', manners = ''] = process.argv.slice(2);
const done = mount(JSON.parse(request), {
  caller: Caller.root,
  mode: 'any',
  manners: manners === '' ? undefined : JSON.parse(manners),
  tell: (step) => {
    if (step.number === Number(number)) process.kill(process.pid, 'SIGKILL');
  },
});
process.stdout.write(String(done.steps.length));
