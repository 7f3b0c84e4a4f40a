/** Why a redirect can name no object: what the kernel answers when such a file is opened. */
export interface RedirectFault {
  readonly errno: 'EINVAL' | 'EXDEV' | 'ENAMETOOLONG';
  /** For a person. */
  readonly reason: string;
}

export interface RedirectPath {
  /** Names from the data root down to the object, at least one; the last one is the object's. Views, not copies. */
  readonly names: readonly Uint8Array[];
  /** `names` joined by `/`: the redirect itself unless it held `.` or `..`. */
  readonly bytes: Uint8Array;
  /** Number of bytes before the last `/` of `bytes`; 0 where the object lies in the data root itself. */
  readonly folderLength: number;
}

/** Linux PATH_MAX and NAME_MAX. */
const PATH_MAX = 4096;
const NAME_MAX = 255;
const SLASH = 0x2f;
const DOT = 0x2e;

const fault = (errno: RedirectFault['errno'], reason: string): RedirectFault => ({ errno, reason });

export const isRedirectFault = (path: RedirectPath | RedirectFault): path is RedirectFault => 'errno' in path;

/**
 * Cuts a redirect into the names that are looked up one after the other below the data root.
 *
 * As overlayfs has it (spec overlay-metacopy.md, section 2): an empty component is refused, `.` is skipped, an inner
 * `..` goes up, one that leaves the root is refused. Since no symlink is ever followed on the way, going up is the same
 * on paper and on disk, except that `a/..` needs no `a` here.
 *
 * @param redirect the value behind its leading `/`
 */
export function parseRedirect(redirect: Uint8Array): RedirectPath | RedirectFault {
  if (redirect.length === 0) return fault('EINVAL', 'the redirect is empty');
  if (redirect.length >= PATH_MAX) return fault('ENAMETOOLONG', `the redirect has ${redirect.length} bytes`);
  if (redirect.includes(0)) return fault('EINVAL', 'the redirect holds a NUL byte');
  const names: Uint8Array[] = [];
  let plain = true;
  for (let from = 0; from <= redirect.length;) {
    const slash = redirect.indexOf(SLASH, from);
    const to = slash < 0 ? redirect.length : slash;
    const name = redirect.subarray(from, to);
    if (name.length === 0) return fault('EINVAL', 'the redirect has an empty component');
    if (name.length > NAME_MAX) return fault('ENAMETOOLONG', `a component of the redirect has ${name.length} bytes`);
    const dots = name[0] === DOT ? name.length : 0;
    if (dots === 1) plain = false;
    else if (dots === 2 && name[1] === DOT) {
      plain = false;
      if (names.pop() === undefined) return fault('EXDEV', 'the redirect leaves the store by `..`');
    } else names.push(name);
    from = to + 1;
  }
  const last = names.at(-1);
  if (last === undefined) return fault('EINVAL', 'the redirect is the store itself');
  const bytes = plain ? redirect : join(names);
  return { names, bytes, folderLength: Math.max(0, bytes.length - last.length - 1) };
}

function join(names: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(names.reduce((sum, name) => sum + name.length + 1, -1)).fill(SLASH);
  let at = 0;
  for (const name of names) {
    joined.set(name, at);
    at += name.length + 1;
  }
  return joined;
}
