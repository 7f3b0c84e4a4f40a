import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { cacheFolder } from '../../electron/setup/paths.mjs';
import { output, run } from '../../electron/setup/run.mjs';
import { say, SetupError } from '../../electron/setup/say.mjs';
import { EXECUTABLE, writeCpio } from './cpio.mjs';
import { PrivateApt } from './packages.mjs';

/** Debian's release whose kernel runs; composefs is packaged in a newer one. */
const kernelSuite = process.env['COMPOSCOPE_VM_KERNEL'] || 'trixie';
const TOOL_SUITE = 'forky';
const TOOL_PACKAGES = ['composefs', 'e2fsprogs', 'fsverity', 'busybox-static'];
const TOOLS = [
  'bin/mkcomposefs',
  'bin/composefs-info',
  'sbin/mount.composefs',
  'bin/fsverity',
  'sbin/mke2fs',
  'sbin/debugfs',
];
/** Where they are not built in. */
const MODULES = ['virtio_pci', 'virtio_blk', 'virtio_console', 'ext4', 'loop', 'overlay', 'erofs'];
/** A base that nobody used for so long is one of an older recipe, or of another Node. */
const STALE_MS = 7 * 24 * 3600_000;

/**
 * What is the same from run to run.
 *
 * @typedef {object} Base
 * @property {string} kernel path
 * @property {string} initrd path of the archive that is the guest's root
 */

/** Kernel and root of the guest, got and built where the cache has none of this recipe. @returns {Promise<Base>} */
export async function ensureBase() {
  if (process.arch !== 'x64' || process.platform !== 'linux')
    throw new SetupError(
      `the virtual machine is an x86-64 Debian with this Node inside; this is ${process.platform} ${process.arch}`,
    );
  const cache = process.env['COMPOSCOPE_VM_CACHE'] || join(cacheFolder, 'vm');
  const folder = join(cache, recipeKey());
  const base = { kernel: join(folder, 'vmlinuz'), initrd: join(folder, 'root.cpio') };
  if (!existsSync(folder)) {
    mkdirSync(cache, { recursive: true });
    removeStale(cache);
    const work = mkdtempSync(join(cache, 'new-'));
    try {
      await build(work);
      renameSync(join(work, 'base'), folder);
    } catch (error) {
      // another run may have built the same meanwhile
      if (!existsSync(folder)) throw error;
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  }
  utimesSync(folder, new Date(), new Date());
  return base;
}

/** Changes with what the base is made of. */
function recipeKey() {
  const hash = createHash('sha256').update(kernelSuite);
  for (const file of ['base.mjs', 'packages.mjs', 'cpio.mjs'])
    hash.update(readFileSync(new URL(file, import.meta.url)));
  const { size, mtimeMs } = statSync(process.execPath);
  return hash.update(`${process.version} ${size} ${mtimeMs}`).digest('hex').slice(0, 16);
}

/** @param {string} cache */
function removeStale(cache) {
  for (const name of readdirSync(cache)) {
    const path = join(cache, name);
    if (Date.now() - statSync(path).mtimeMs > STALE_MS) rmSync(path, { recursive: true, force: true });
  }
}

/** @param {string} work folder for what is in between; the result is its base/ */
async function build(work) {
  const kernel = join(work, 'kernel');
  const tools = join(work, 'tools');
  const base = join(work, 'base');
  say(`getting a ${kernelSuite} kernel with fs-verity and the composefs tools from Debian's archive (60 MB, once)`);
  const apt = new PrivateApt(join(work, 'apt'), [...new Set([kernelSuite, TOOL_SUITE])]);
  await apt.update();
  await apt.unpack(kernelSuite, ['linux-image-cloud-amd64'], kernel, /^linux-(image|binary|modules|base)-\d/);
  await apt.unpack(TOOL_SUITE, TOOL_PACKAGES, tools);

  const busybox = join(tools, 'usr/bin/busybox');
  const [release = ''] = readdirSync(join(kernel, 'usr/lib/modules'));
  const config = readFileSync(join(kernel, 'boot', `config-${release}`), 'utf8');
  if (!config.includes('CONFIG_FS_VERITY=y')) throw new SetupError(`the kernel ${release} has no fs-verity`);
  if ((await run(busybox, ['depmod', '-b', join(kernel, 'usr'), release])) !== 0) throw new SetupError('depmod failed');
  mkdirSync(base);
  renameSync(join(kernel, 'boot', `vmlinuz-${release}`), join(base, 'vmlinuz'));
  writeCpio(join(base, 'root.cpio'), [
    { path: 'bin/busybox', mode: EXECUTABLE, content: readFileSync(busybox) },
    ...moduleMembers(join(kernel, 'usr/lib/modules', release), `lib/modules/${release}`),
    ...toolMembers(join(tools, 'usr')),
    ...programMembers(process.execPath, 'bin/node'),
  ]);
}

/** The modules with those that they need, and what modprobe looks them up in. @param {string} from @param {string} to */
function* moduleMembers(from, to) {
  const dependencies = readFileSync(join(from, 'modules.dep'), 'utf8');
  /** @type {Map<string, { path: string, needs: string[] }>} */
  const known = new Map();
  for (const [, path = '', needs = ''] of dependencies.matchAll(/^(\S+):(.*)$/gm)) {
    known.set(moduleName(path), { path, needs: needs.split(' ').filter((need) => need !== '') });
  }
  // the others are built in
  const wanted = MODULES.filter((name) => known.has(name));
  const files = wanted.flatMap((name) => {
    const { path = '', needs = [] } = known.get(name) ?? {};
    return [path, ...needs];
  });
  for (const file of new Set(['modules.dep', ...files])) {
    yield { path: `${to}/${file}`, content: readFileSync(join(from, file)) };
  }
  yield { path: 'etc/modules', content: wanted.map((name) => `${name}\n`).join('') };
}

/** @param {string} path */
const moduleName = (path) =>
  basename(path)
    .replace(/\.ko.*$/, '')
    .replaceAll('-', '_');

/** Debian's programs run on Debian's C library, by its own loader: Node's may be older. @param {string} usr */
function* toolMembers(usr) {
  const libraries = join(usr, 'lib/x86_64-linux-gnu');
  for (const { name } of readdirSync(libraries, { withFileTypes: true }).filter((entry) => !entry.isDirectory())) {
    yield { path: `opt/debian/lib/${name}`, mode: EXECUTABLE, content: readFileSync(join(libraries, name)) };
  }
  for (const tool of TOOLS) {
    const name = basename(tool);
    yield { path: `opt/debian/bin/${name}`, mode: EXECUTABLE, content: readFileSync(join(usr, tool)) };
    const start = `exec /opt/debian/lib/ld-linux-x86-64.so.2 --library-path /opt/debian/lib /opt/debian/bin/${name} "$@"`;
    yield { path: `usr/bin/${name}`, mode: EXECUTABLE, content: `#!/bin/sh\n${start}\n` };
  }
}

/** A program of this system with its libraries. @param {string} program @param {string} path */
function* programMembers(program, path) {
  yield { path, mode: EXECUTABLE, content: readFileSync(program) };
  const libraries = output('ldd', [program]) ?? '';
  for (const library of new Set(libraries.match(/\/\S+/g))) {
    yield { path: library.slice(1), mode: EXECUTABLE, content: readFileSync(library) };
  }
}
