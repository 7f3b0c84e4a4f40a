import { readFileSync } from 'node:fs';

/** Nobody's group, where the caller's are not known. */
const NOGROUP = 65_534;

/** Who asks the helper, and with whose rights paths are opened. */
export class Caller {
  readonly uid: number;
  readonly #gid: number;
  readonly #groups: readonly number[];

  private constructor(uid: number, gid: number, groups: readonly number[]) {
    this.uid = uid;
    this.#gid = gid;
    this.#groups = groups;
  }

  static readonly root = new Caller(0, 0, [0]);

  /**
   * The user that pkexec was started by. pkexec says the uid, and execs the helper in its own place: so the parent is the
   * process that asks, and has the user's groups, unless it is gone.
   */
  static ofPkexec(uidText: string): Caller {
    if (!/^\d{1,10}$/.test(uidText)) throw new Error('PKEXEC_UID is no uid');
    const uid = Number(uidText);
    const status = statusOf(process.ppid);
    const parent = numbers(/^Uid:(.*)$/m.exec(status)?.[1]);
    if (parent[0] !== uid) return new Caller(uid, NOGROUP, []);
    const [gid = NOGROUP] = numbers(/^Gid:(.*)$/m.exec(status)?.[1]);
    return new Caller(uid, gid, numbers(/^Groups:(.*)$/m.exec(status)?.[1]));
  }

  get gid(): number {
    return this.#gid;
  }

  /** Does something with the caller's rights in place of root's: what the caller may not open, root does not open for it. */
  as<T>(run: () => T): T {
    if (this.uid === 0) return run();
    const { setgroups, setegid, seteuid } = process;
    if (setgroups === undefined || setegid === undefined || seteuid === undefined) throw new Error('not on Linux');
    setgroups([...this.#groups]);
    setegid(this.#gid);
    seteuid(this.uid);
    try {
      return run();
    } finally {
      seteuid(0);
      setegid(0);
      setgroups([0]);
    }
  }
}

const numbers = (text = ''): readonly number[] => (text.match(/\d+/g) ?? []).map(Number);

function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return ''; // it is gone: the caller has no groups, and opens what everybody may
  }
}
