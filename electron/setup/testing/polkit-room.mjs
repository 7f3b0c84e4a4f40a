import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { root } from '../paths.mjs';

/**
 * How a program ended.
 *
 * @typedef {object} Ended
 * @property {number | null} status
 * @property {string} stdout
 * @property {string} stderr
 */

/** The user that asks, whom the room alone knows. */
export const USER = { name: 'composcope-guest', uid: 64_321, home: '/run/home', password: 'correct horse' };

/** Where the checkout lies in the room: where it lies outside, an ordinary user may not be let in. */
const CHECKOUT = '/mnt';

const ENVIRONMENT = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8' };

/**
 * A room with Debian's own bus, polkitd and pkexec, of which nothing is left: its processes and mounts are in namespaces
 * that end with it, and what is written below /run, /etc, /usr/lib and /usr/share/polkit-1 lies in memory.
 */
export class PolkitRoom {
  #keeper;
  #target = '';

  constructor() {
    const namespaces = ['--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child', '--mount-proc'];
    // ends when nobody writes to it any more, and all that runs in the room with it
    this.#keeper = spawn('unshare', [...namespaces, 'sh', '-c', 'echo in; cat'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
  }

  /** A room with the guest, the demo in the guest's home, a bus and polkitd. @param {string} rules for polkit, JavaScript */
  static async furnished(rules = '') {
    const room = new PolkitRoom();
    await room.#enter();
    const { name, uid, home, password } = USER;
    room.must(`
      mount --bind ${quoted(root)} ${CHECKOUT}
      mount -t tmpfs -o mode=755 tmpfs /run
      for part in /etc /usr/lib /usr/share/polkit-1; do
        mkdir -p "/run/over/upper$part" "/run/over/work$part"
        mount -t overlay -o "lowerdir=$part,upperdir=/run/over/upper$part,workdir=/run/over/work$part" over "$part"
      done
      groupadd --gid ${uid} ${name}
      useradd --uid ${uid} --gid ${uid} --home-dir ${home} --create-home --shell /bin/sh ${name}
      echo ${quoted(`${name}:${password}`)} | chpasswd
      cp -r ${CHECKOUT}/assets/demo/demo.cfs ${CHECKOUT}/assets/demo/objects ${home}
      mkdir ${home}/at
      chown -R ${name}: ${home}
      chmod 755 ${home}
      cat >/etc/polkit-1/rules.d/00-of-the-test.rules <<'END'\n${rules}\nEND
      mkdir -p /run/dbus /run/systemd/seats /run/systemd/sessions /run/systemd/users /run/systemd/machines
      dbus-daemon --system --fork --nopidfile`);
    room.must('/usr/lib/polkit-1/polkitd --no-debug >/dev/null 2>&1 &');
    room.must('for try in $(seq 100); do pkaction >/dev/null 2>&1 && exit 0; sleep 0.1; done; exit 1');
    return room;
  }

  async #enter() {
    await once(this.#keeper.stdout, 'data');
    const { pid } = this.#keeper;
    this.#target = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  }

  /** Puts in place what polkit needs. @param {...string} options of install.sh */
  install(...options) {
    return this.asRoot(['sh', `${CHECKOUT}/assets/polkit/install.sh`, '--node', process.execPath, ...options]);
  }

  /** Runs a script that has to go well. @param {string} script @returns what it prints */
  must(script) {
    const ended = this.asRoot(['sh', '-c', `set -e\n${script}`]);
    if (ended.status !== 0) throw new Error(`${script}: ${ended.stdout}${ended.stderr}`);
    return ended.stdout;
  }

  /** @param {readonly string[]} command @param {string | Buffer} input @returns {Ended} */
  asRoot(command, input = '') {
    const options = /** @type {const} */ ({ input, encoding: 'utf8', timeout: 60_000, env: ENVIRONMENT });
    const ended = spawnSync('nsenter', [...this.#entrance, ...command], options);
    return { status: ended.status, stdout: ended.stdout ?? '', stderr: ended.stderr ?? String(ended.error) };
  }

  /** As the guest, in a session without a terminal. @param {readonly string[]} command @param {string | Buffer} input */
  asGuest(command, input = '') {
    return this.asRoot([...this.#guest, ...command], input);
  }

  /** @param {...string} words of the command line */
  composcope(...words) {
    return this.asGuest(this.#composcope(words));
  }

  /**
   * In a terminal, into which a line is typed as soon as it asks for a password.
   *
   * @param {readonly string[]} words of the command line
   * @param {string} typed
   * @returns {Promise<Omit<Ended, 'stderr'>>} a terminal has one stream
   */
  async composcopeInTerminal(words, typed) {
    const command = this.#composcope(words).map(quoted).join(' ');
    const inTerminal = ['script', '--quiet', '--return', '--command', command, '/dev/null'];
    const child = spawn('nsenter', [...this.#entrance, ...this.#guest, ...inTerminal], { env: ENVIRONMENT });
    let stdout = '';
    child.stdout.on('data', (bytes) => (stdout += bytes));
    // what is typed between its question and its turning off the echo, the agent throws away: then it still asks
    const typing = setInterval(() => {
      if (stdout.endsWith('Password: ')) child.stdin.write(`${typed}\n`);
    }, 500);
    const [status] = await once(child, 'close');
    clearInterval(typing);
    return { status, stdout };
  }

  get #entrance() {
    return ['--target', this.#target, '--mount', '--pid', '--wd=/', '--'];
  }

  get #guest() {
    const { uid, home, name } = USER;
    const who = ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--init-groups'];
    // a shell of the guest's is the parent, as where a person types it
    const shell = ['sh', '-c', '"$@"; exit', 'sh'];
    return ['setsid', '--fork', '--wait', ...who, 'env', `HOME=${home}`, `USER=${name}`, ...shell];
  }

  /** @param {readonly string[]} words */
  #composcope(words) {
    return [process.execPath, `${CHECKOUT}/build/cli/composcope.mjs`, ...words];
  }

  async close() {
    const gone = once(this.#keeper, 'exit');
    this.#keeper.stdin.end();
    await gone;
  }
}

/** @param {string} word */
const quoted = (word) => `'${word.replaceAll("'", `'\\''`)}'`;
