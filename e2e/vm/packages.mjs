import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasProgram } from '../../electron/setup/libraries.mjs';
import { output, run } from '../../electron/setup/run.mjs';
import { SetupError } from '../../electron/setup/say.mjs';

const KEYRINGS = ['/usr/share/keyrings/debian-archive-keyring.gpg', '/usr/share/keyrings/debian-archive-keyring.pgp'];
const DOWNLOAD_MS = 600_000;

/**
 * An apt of our own: its lists, its cache and what it takes for installed (nothing) lie in a folder of ours, so that the
 * system's stay as they are and nobody needs to be root. Proxies and the like are the system's.
 */
export class PrivateApt {
  #folder;
  #env;

  /** @param {string} folder to be made @param {readonly string[]} suites of Debian */
  constructor(folder, suites) {
    for (const program of ['apt-get', 'dpkg-deb']) {
      if (!hasProgram(program)) throw new SetupError(`the kernel comes from Debian's packages, which needs ${program}`);
    }
    const keyring = KEYRINGS.find((path) => existsSync(path));
    if (keyring === undefined)
      throw new SetupError(`Debian's keys are not here. Install with: sudo apt-get install debian-archive-keyring`);
    this.#folder = folder;
    for (const part of ['lists/partial', 'archives/partial']) mkdirSync(join(folder, part), { recursive: true });
    writeFileSync(join(folder, 'status'), '');
    const mirror = process.env['COMPOSCOPE_DEBIAN_MIRROR'] ?? systemMirror();
    if (mirror === undefined)
      throw new SetupError('apt knows no mirror of Debian here: name the address of one in COMPOSCOPE_DEBIAN_MIRROR');
    const sources = suites.map((suite) => `deb [signed-by=${keyring}] ${mirror} ${suite} main\n`);
    writeFileSync(join(folder, 'sources.list'), sources.join(''));
    const settings = {
      'Dir::Etc::sourcelist': join(folder, 'sources.list'),
      'Dir::Etc::sourceparts': '/dev/null',
      'Dir::Etc::preferences': '/dev/null',
      'Dir::Etc::preferencesparts': '/dev/null',
      'Dir::State': folder,
      'Dir::State::lists': join(folder, 'lists'),
      'Dir::State::status': join(folder, 'status'),
      'Dir::Cache': folder,
      'Dir::Cache::archives': join(folder, 'archives'),
      'Acquire::Languages': 'none',
      'Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled': 'false',
      'Acquire::IndexTargets::deb::DEP-11::DefaultEnabled': 'false',
      'APT::Architecture': 'amd64',
      'APT::Architectures': 'amd64',
      'APT::Install-Recommends': 'false',
      'APT::Sandbox::User': 'root', // apt's own user may not enter a home directory
    };
    const lines = Object.entries(settings).map(([name, value]) => `${name} "${value}";\n`);
    writeFileSync(join(folder, 'apt.conf'), lines.join(''));
    this.#env = { ...process.env, APT_CONFIG: join(folder, 'apt.conf'), LC_ALL: 'C' };
  }

  /** Fetches the lists. @throws {SetupError} */
  async update() {
    await this.#aptGet(['update']);
  }

  /**
   * Downloads packages of a suite with all that they depend on, and unpacks them.
   *
   * @param {string} suite
   * @param {readonly string[]} names
   * @param {string} into
   * @param {RegExp} [only] those whose name matches: a kernel needs less than Debian thinks
   * @throws {SetupError}
   */
  async unpack(suite, names, into, only = /^/) {
    const install = ['-y', '-t', suite, 'install', ...names];
    const listed = output('apt-get', ['-qq', '--print-uris', ...install], { env: this.#env, timeout: DOWNLOAD_MS });
    const wanted = [...(listed ?? '').matchAll(/^'[^']*' ([^_ ]+)_/gm)].map(([, name = '']) => name);
    const downloads = join(this.#folder, `debs-${names[0]}`);
    mkdirSync(downloads);
    const chosen = wanted.filter((name) => only.test(name)).map((name) => `${name}/${suite}`);
    if (chosen.length === 0) throw new SetupError(`Debian ${suite} has no ${names.join(', ')} to install`);
    await this.#aptGet(['download', ...chosen], downloads);
    for (const file of readdirSync(downloads)) {
      const status = await run('dpkg-deb', ['-x', join(downloads, file), into], { timeout: DOWNLOAD_MS });
      if (status !== 0) throw new SetupError(`dpkg-deb could not unpack ${file}`);
    }
  }

  /** @param {readonly string[]} args @param {string} [cwd] */
  async #aptGet(args, cwd = this.#folder) {
    const options = { cwd, env: this.#env, timeout: DOWNLOAD_MS };
    const status = await run('apt-get', ['-qq', ...args], { ...options, stdio: ['ignore', 'ignore', 2] });
    if (status !== 0)
      throw new SetupError(`apt-get ${args[0]} failed; its words are above. Is Debian's archive in reach?`);
  }
}

/** Where this system gets Debian from, if it is one. */
function systemMirror() {
  const uris = output('apt-get', ['indextargets', '--format', '$(REPO_URI)', 'Created-By: Packages']) ?? '';
  return uris.split('\n').find((uri) => /\/debian\/?$/.test(uri));
}
