import { visible } from './visible.ts';

/** In place of a path that nobody listed. */
export const PATH_LEFT_OUT = '(path left out)';

/** In place of a file's name alone, as the kernel's log has it. */
const NAME_LEFT_OUT = '(name left out)';

/** How objects are named by their digest, in any layout: it says nothing but the digest. */
const OBJECT = String.raw`(?:objects\/|sha256\/|sha512\/)?(?:[0-9a-f]{1,4}\/){0,3}[0-9a-f]{16,128}(?:\.filez?)?`;
const wholeObject = new RegExp(`^${OBJECT}$`, 'i');
const objectAt = new RegExp(String.raw`${OBJECT}(?![\w/-])`, 'iy');

/** Words of ours that only look like paths. */
const ours: readonly string[] = ['input/output', 'and/or'];

const relative = /[^\s/“”"'():,;]+\//y;

/** Letters by which names to look for are kept: few names share them, and most places in a text begin none. */
const HEAD = 3;

/** What may follow a path that ends: all else may be more of a longer one that nobody listed. */
const pathEnd = new RegExp(String.raw`$|[.,:;](?:\s|$)|[”"')\]]| \(${OBJECT}\)`, 'iy');
/** What is left standing behind a path whose end nobody knows. */
const keptTail = new RegExp(String.raw`(?: \(${OBJECT}\))?\.?$`, 'i');
const quotes: Readonly<Record<string, string>> = { '“': '”', '"': '"', "'": "'" };

const isWordAt = (text: string, at: number): boolean => /[\p{L}\p{N}_]/u.test(text.charAt(at));
const isPlainWord = (text: string): boolean => /^[\p{L}\p{N}_]+$/u.test(text);

/** Whether a redirect is named by a digest, so that it can be told. */
export const isObjectName = (redirect: string): boolean => wholeObject.test(redirect);

/**
 * Replaces paths and names in text. Those that were added become what they were added with; every other path becomes
 * `(path left out)`, with the rest of the text where nobody can tell its end: rather a word too many than a name told.
 */
export class LeftOut {
  readonly #names = new Map<string, string>();
  /** Lengths of the names by their first letters, the longest first. */
  readonly #lengths = new Map<string, number[]>();
  readonly #counts = new Map<string, number>();

  /** Another placeholder of its kind: `(image 1)`, `(image 2)`, … */
  number(kind: string): string {
    const number = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, number);
    return `(${kind} ${number})`;
  }

  /** Adds a name and, where text has it in another form, that. @returns the placeholder, an older one if there is one */
  add(name: string, placeholder: () => string): string {
    const known = this.#names.get(name);
    if (known !== undefined) return known;
    const hidden = placeholder();
    for (const form of new Set([name, visible(name), name.replaceAll('\\', '\\\\')])) this.#addForm(form, hidden);
    return hidden;
  }

  #addForm(name: string, hidden: string): void {
    if (name === '' || this.#names.has(name)) return;
    this.#names.set(name, hidden);
    const head = name.slice(0, HEAD);
    const lengths = this.#lengths.get(head);
    if (lengths === undefined) this.#lengths.set(head, [name.length]);
    else if (!lengths.includes(name.length)) {
      lengths.push(name.length);
      lengths.sort((a, b) => b - a);
    }
  }

  /** What stands for a name as a whole; undefined: it was not added. */
  find(name: string): string | undefined {
    return this.#names.get(name);
  }

  text(text: string): string {
    const whole = this.#names.get(text);
    if (whole !== undefined) return whole;
    let clean = '';
    for (let at = 0; at < text.length;) {
      const [put, next] = this.#nameAt(text, at) ?? pathAt(text, at) ?? [text.charAt(at), at + 1];
      clean += put;
      at = next;
    }
    return clean;
  }

  /** The longest name that begins here and ends as one. */
  #nameAt(text: string, at: number): readonly [string, number] | undefined {
    for (let head = Math.min(HEAD, text.length - at); head > 0; head -= 1) {
      for (const length of this.#lengths.get(text.slice(at, at + head)) ?? []) {
        if (length > text.length - at || (head < HEAD && length !== head)) continue;
        const name = text.slice(at, at + length);
        const hidden = this.#names.get(name);
        if (hidden === undefined) continue;
        const end = at + length;
        if (text.charAt(end) === '/' && name.startsWith('/')) {
          objectAt.lastIndex = end + 1;
          const object = objectAt.exec(text)?.[0];
          if (object !== undefined) return [`${hidden}/${object}`, end + 1 + object.length];
        }
        if (endsAsName(text, at, end)) return [hidden, end];
      }
    }
    return undefined;
  }
}

function endsAsName(text: string, at: number, end: number): boolean {
  const name = text.slice(at, end);
  if (name.startsWith('/')) {
    if (isWordAt(text, at - 1)) return false;
    pathEnd.lastIndex = end;
    return pathEnd.test(text);
  }
  if (!isPlainWord(name)) return true;
  if (isWordAt(text, at - 1) || isWordAt(text, end)) return false;
  // a short name could be a word of ours: `a`; names stand at the end of what we say of them
  return name.length >= HEAD || end >= text.length - 1;
}

/** A path that was not added, up to where it must have ended. */
function pathAt(text: string, at: number): readonly [string, number] | undefined {
  if (text.charAt(at) === '/') {
    if (isWordAt(text, at - 1) || /^\/+(?:\s|$)/.test(text.slice(at, at + 8))) return undefined;
  } else {
    relative.lastIndex = at;
    if (!startsToken(text, at) || !relative.test(text)) return undefined;
    objectAt.lastIndex = at;
    const told = objectAt.exec(text)?.[0] ?? ours.find((word) => text.startsWith(word, at));
    if (told !== undefined) return [told, at + told.length];
  }
  const quote = quotes[text.charAt(at - 1)];
  const closing = quote === undefined ? -1 : text.lastIndexOf(quote);
  if (closing > at) return [PATH_LEFT_OUT, closing];
  return [`${PATH_LEFT_OUT}${keptTail.exec(text)?.[0] ?? ''}`, text.length];
}

/** Whether a word begins here: a relative path is looked for once in each. */
const startsToken = (text: string, at: number): boolean => at === 0 || /[\s“"'(:,;]/.test(text.charAt(at - 1));

/** A line of the kernel's log, which names a file by the last part of its path: in quotes, or as
 * `(/NAME, err=`. */
export const logWithoutNames = (line: string): string =>
  line
    .replace(/'(.*)'/s, (quoted: string, name: string) => (isObjectName(name) ? quoted : `'${NAME_LEFT_OUT}'`))
    .replace(/\(\/.*, err=/s, `(${NAME_LEFT_OUT}, err=`);
