import { readFileSync } from 'node:fs';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { aloneWithMounts } from '../kernel/testing/alone-with-mounts.ts';
import { installPackages, mayInstallPackages } from './apt.mjs';
import { ensureBuild } from './build.mjs';
import { hasProgram } from './libraries.mjs';
import { output } from './run.mjs';
import { PolkitRoom, USER } from './testing/polkit-room.mjs';

/** What an ordinary user meets: Debian's dbus-daemon, polkitd and pkexec, with rules of each kind. */

const LAUNCHER = '/usr/lib/composcope/composcope-helper';
const { home, name, uid } = USER;
const [image, store, at] = [`${home}/demo.cfs`, `${home}/objects`, `${home}/at`];

const namespaces = ['--mount', '--pid', '--fork', '--mount-proc', 'true'];
const filesystems = process.platform === 'linux' ? readFileSync('/proc/filesystems', 'utf8') : '';
const why =
  process.getuid?.() !== 0
    ? 'not root'
    : !filesystems.includes('\terofs\n') || !filesystems.includes('\toverlay\n')
      ? 'the kernel has no EROFS or no overlayfs'
      : output('unshare', namespaces) === undefined
        ? 'a container without namespaces'
        : !hasProgram('pkexec') && !(hasProgram('apt-get') && mayInstallPackages())
          ? 'no pkexec'
          : undefined;

aloneWithMounts();

/** A rule for the guest. @param {string} action @param {'YES' | 'NO'} result */
const rule = (action, result) => `polkit.addRule(function (action, subject) {
  if (action.id === 'org.composcope.${action}' && subject.user === '${name}') return polkit.Result.${result};
});`;
const allowAll = rule('mount-verified', 'YES') + rule('mount-any', 'YES');
const guestIsAdministrator = `polkit.addAdminRule(function () { return ['unix-user:${name}']; });`;

/** As the helper reads messages. @param {readonly object[]} requests */
const frames = (requests) =>
  Buffer.concat(
    requests.flatMap((request, id) => {
      const body = Buffer.from(JSON.stringify({ id, request }));
      const length = Buffer.alloc(4);
      length.writeUInt32BE(body.length);
      return [length, body];
    }),
  );
const hello = { verb: 'hello', protocol: 1 };

/** What a mount could leave: mounts, and what lies below /run/composcope. @param {PolkitRoom} room */
const traces = (room) =>
  room.must(`grep -E ' (/run/home|/run/composcope)[^ ]* .* - (erofs|overlay) ' /proc/self/mountinfo || true
    find /run/composcope -mindepth 2 -not -path '*/mnt/${uid}' 2>/dev/null || true`);

/** Why a mount failed, of its --json. @param {import('./testing/polkit-room.mjs').Ended} ended */
const cause = ({ stdout }) => JSON.parse(stdout).failure?.cause;

describe.skipIf(why !== undefined)(`mounts by polkit${why === undefined ? '' : ` (skipped: ${why})`}`, () => {
  /** @type {PolkitRoom | undefined} */
  let room;
  let digest = '';

  beforeAll(async () => {
    const missing = { pkexec: 'pkexec', 'dbus-daemon': 'dbus' };
    const packages = Object.entries(missing).flatMap(([program, pack]) => (hasProgram(program) ? [] : [pack]));
    if (packages.length > 0) await installPackages(['polkitd', ...packages]);
    await ensureBuild();
  }, 300_000);
  afterEach(async () => await room?.close());

  /** @param {string} rules */
  async function enter(rules) {
    room = await PolkitRoom.furnished(rules);
    expect(room.install()).toMatchObject({ status: 0, stderr: '' });
    digest = room.must(`${process.execPath} /mnt/build/cli/composcope.mjs measure-file ${image}`).trim();
    return room;
  }

  test('a rule that allows: mounts of both kinds, the list, and unmounts, for their owner alone', async () => {
    const here = await enter(allowAll);
    const verified = here.composcope('mount', image, at, '--store', store, '--digest', digest, '--verity', 'require');
    expect(verified).toEqual({ status: 0, stdout: `${at}\n`, stderr: '' });
    expect(here.asGuest(['find', at, '-maxdepth', '1']).stdout).toContain(`${at}/etc`);
    expect(here.must(`findmnt -no OPTIONS ${at}`)).toMatch(/ro,.*nosuid,nodev.*verity=require/);
    const any = here.composcope('mount', image, '--own-folder', 'any', '--store', store);
    expect(any).toEqual({ status: 0, stdout: `/run/composcope/mnt/${uid}/any\n`, stderr: '' });
    const seen = here.asGuest(['cat', `/run/composcope/mnt/${uid}/any/etc/fstab`]);
    expect(seen).toEqual(here.composcope('cat', image, '/etc/fstab', '--store', store));
    expect(seen.stdout.length).toBeGreaterThan(0);
    const { mounts } = JSON.parse(here.composcope('mounts', '--json').stdout);
    expect(mounts).toMatchObject([
      { mountpoint: at, owner: uid, verity: 'require', images: [{ path: image, digest }], stores: [store] },
      { mountpoint: `/run/composcope/mnt/${uid}/any`, owner: uid, verity: 'off' },
    ]);
    expect(here.composcope('umount', at, `/run/composcope/mnt/${uid}/any`)).toEqual({
      status: 0,
      stdout: '',
      stderr: '',
    });
    expect(traces(here)).toBe('');
  });

  test('what the user may not, root does not for them', async () => {
    const here = await enter(allowAll);
    here.must(`cp ${image} /run/secret.cfs; chmod 600 /run/secret.cfs; cp ${image} /run/group.cfs
      groupadd readers; usermod -aG readers ${name}; chgrp readers /run/group.cfs; chmod 640 /run/group.cfs
      mkdir /run/others /run/closed; mkdir /run/closed/objects; chmod 700 /run/closed`);
    const mount = (/** @type {string[]} */ ...words) => here.composcope('mount', ...words, '--json');
    expect(cause(mount('/run/secret.cfs', at, '--plain'))).toBe('not-permitted');
    expect(cause(mount(image, at, '--store', '/run/closed/objects'))).toBe('not-permitted');
    expect(cause(mount(image, '/run/others', '--plain'))).toBe('mountpoint-not-yours');
    expect(cause(mount(image, at, '--store', store, '--upper', '/run/others', '--work', `${home}/w`))).toBe(
      'not-permitted',
    );
    // by a group of theirs they may
    expect(mount('/run/group.cfs', at, '--plain').status).toBe(0);
    here.must(`umount ${at}; mount -t tmpfs tmpfs /run/others`);
    expect(here.composcope('umount', '/run/others').stderr).toContain('is no composefs mount');
    expect(here.must('grep -c /run/others /proc/self/mountinfo').trim()).toBe('1');
  });

  test('a rule that allows verified mounts alone: others are refused before anything is started', async () => {
    const here = await enter(rule('mount-verified', 'YES') + rule('mount-any', 'NO'));
    const refused = here.composcope('mount', image, at, '--store', store);
    expect(refused.status).toBe(3);
    expect(refused.stderr).toContain('A rule of this system does not let you mount; so it takes a command');
    expect(refused.stderr).toContain(`sudo composcope mount ${image} ${at} --store ${store} --verity off`);
    expect(here.composcope('mount', image, at, '--plain', '--digest', digest).status).toBe(0);
    // what root mounted is not theirs to take away
    here.must(`mkdir /run/of-root; mount -t erofs -o loop,ro ${image} /run/of-root`);
    expect(here.composcope('umount', '/run/of-root').status).toBe(3);
    expect(here.composcope('umount', at).status).toBe(0);
    here.must('umount /run/of-root');
    expect(traces(here)).toBe('');
    // and past the app, pkexec asks the same
    expect(here.asGuest(['pkexec', LAUNCHER, 'any'], frames([hello]))).toMatchObject({ status: 127, stdout: '' });
    const plan = {
      kind: 'overlay',
      layers: [{ type: 'image', path: image, digest }],
      stores: [store],
      verity: 'off',
      at: { directory: at },
      allow: { suid: false, dev: false, exec: true },
    };
    const answers = here.asGuest(
      ['pkexec', LAUNCHER, 'verified'],
      frames([hello, { verb: 'mount', plan, acl: [true] }]),
    ).stdout;
    expect(answers).toContain(`"mode":"verified","caller":${uid}`);
    expect(answers).toContain('"code":"not-allowed"');
  });

  test('a rule that denies: nothing is started, and the command for a terminal is given', async () => {
    const here = await enter(rule('mount-verified', 'NO') + rule('mount-any', 'NO'));
    const refused = here.composcope('mount', image, at, '--plain', '--digest', digest);
    expect(refused.status).toBe(3);
    expect(refused.stderr).toContain('A rule of this system does not let you mount');
    expect(refused.stderr).toContain(`sudo composcope mount ${image} ${at} --plain --digest ${digest}`);
    expect(here.composcope('preflight').stdout).toContain('– Privilege: A rule of this system does not let you mount');
    for (const mode of ['verified', 'any']) {
      expect(here.asGuest(['pkexec', LAUNCHER, mode], frames([hello]))).toMatchObject({ status: 127, stdout: '' });
    }
    expect(traces(here)).toBe('');
  });

  test('no rule and no agent: it is said before; in a terminal the password is asked for there', async () => {
    const here = await enter(guestIsAdministrator);
    const words = ['mount', image, at, '--plain', '--digest', digest];
    const refused = here.composcope(...words);
    expect(refused.status).toBe(3);
    expect(refused.stderr).toContain('No program that asks for passwords (a polkit agent) runs in this session');
    expect(refused.stderr).toContain(`sudo composcope mount ${image}`);
    expect(here.asGuest(['pkexec', LAUNCHER, 'any'], frames([hello]))).toMatchObject({
      status: 127,
      stdout: '',
      stderr: expect.stringContaining('Error creating textual authentication agent'),
    });
    const wrong = await here.composcopeInTerminal(words, 'not the password');
    expect(wrong.status).toBe(3);
    expect(wrong.stdout).toContain('Composcope is about to mount an image whose digest is checked');
    expect(wrong.stdout).toContain('it was not authorised: polkit does not allow it');
    expect(wrong.stdout).toContain(`Run this in a terminal: sudo composcope mount ${image}`);
    expect(traces(here)).toBe('');
    const right = await here.composcopeInTerminal(words, USER.password);
    expect(right.stdout).toContain('AUTHENTICATION COMPLETE');
    expect(right.status).toBe(0);
    expect(here.asGuest(['ls', at]).stdout).toContain('etc');
  });

  test('what is not as it should be is said before: no bus, a launcher that others can write, none', async () => {
    const here = await enter(allowAll);
    const refusal = () => here.composcope('mount', image, at, '--plain').stderr;
    here.must(`chmod g+w ${LAUNCHER}`);
    expect(refusal()).toContain(`${LAUNCHER} can be written by others than root`);
    here.must(`chmod g-w ${LAUNCHER}; chown ${name} /usr/lib/composcope`);
    expect(refusal()).toContain('/usr/lib/composcope can be written by others than root');
    here.must('chown root /usr/lib/composcope; chmod u-s /usr/bin/pkexec');
    expect(refusal()).toContain('pkexec is not set up to become root');
    here.must('chmod u+s /usr/bin/pkexec; mv /run/dbus/system_bus_socket /run/dbus/away');
    expect(refusal()).toContain('There is no system bus');
    here.must('mv /run/dbus/away /run/dbus/system_bus_socket; pkill -x dbus-daemon');
    expect(refusal()).toContain('Nobody answers on the system bus');
    expect(here.install('--remove')).toMatchObject({ status: 0 });
    expect(refusal()).toContain('Composcope is not installed for the system');
  });

  test('nothing of the user’s environment reaches the helper, and no other mode does', async () => {
    const here = await enter(allowAll);
    here.must(`echo 'require("fs").writeFileSync("/run/evil", "")' >${home}/evil.js`);
    const environment = ['env', `NODE_OPTIONS=--require=${home}/evil.js`, 'LD_PRELOAD=/x', 'TMPDIR=/x', 'ENV=/x'];
    // pkexec itself refuses nothing of this, but drops it
    const ended = here.asGuest([...environment, 'pkexec', LAUNCHER, 'any'], frames([hello, { verb: 'list' }]));
    expect(ended.stdout).toContain('"mounts":[]');
    expect(here.asRoot(['test', '-e', '/run/evil']).status).toBe(1);
    for (const mode of ['all', '', '--eval=1']) {
      expect(here.asGuest(['pkexec', LAUNCHER, mode], frames([hello])).status).toBe(127);
    }
    // and by root, whom pkexec asks nothing, it is not started in their name
    expect(here.asRoot([LAUNCHER, 'any'], frames([hello]))).toMatchObject({ status: 2, stdout: '' });
  });

  test('what is installed is root’s, whole, and goes without a trace', async () => {
    const here = await enter('');
    const foreign =
      'find /usr/lib/composcope /usr/share/polkit-1/actions/org.composcope.policy ! -user 0 -o -perm /022';
    expect(here.must(foreign)).toBe('');
    expect(here.must('stat -c %a /usr/lib/composcope /usr/lib/composcope/composcope-helper')).toBe('755\n755\n');
    // a Node that somebody else can change is copied
    here.must(`cp ${process.execPath} ${home}/node; chown ${name} ${home}/node`);
    expect(here.install('--node', `${home}/node`)).toMatchObject({ status: 0, stderr: '' });
    expect(
      here.must(`grep -o "'/usr/lib/composcope/node'" ${LAUNCHER}; stat -c '%u %a' /usr/lib/composcope/node`),
    ).toBe("'/usr/lib/composcope/node'\n0 755\n");
    expect(here.must(foreign)).toBe('');
    const install = ['sh', '/mnt/assets/polkit/install.sh'];
    expect(here.asGuest(install)).toMatchObject({ status: 2, stderr: expect.stringContaining('only root') });
    expect(here.install('--node', '/run/none')).toMatchObject({ status: 3 });
    expect(here.asRoot([...install, '--what'])).toMatchObject({ status: 2 });
    expect(here.must(foreign)).toBe('');
    expect(here.install('--remove')).toMatchObject({ status: 0, stdout: 'removed\n' });
    expect(here.must('ls -d /usr/lib/composcope* /usr/share/polkit-1/actions/*composcope* 2>/dev/null || true')).toBe(
      '',
    );
  });
});
