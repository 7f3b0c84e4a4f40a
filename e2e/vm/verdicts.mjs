import { SetupError } from '../../electron/setup/say.mjs';

/**
 * Holds what the command line says against what the kernel did.
 *
 * @typedef {import('./guest/main.mjs').Results} Results
 * @typedef {import('./guest/stores.mjs').StoreResult} StoreResult
 * @typedef {import('./guest/stores.mjs').FileResult} FileResult
 * @typedef {import('./guest/seen.mjs').Seen} Seen
 */

/**
 * One line of the result.
 *
 * @typedef {object} Case
 * @property {string} name
 * @property {string} kernel what it did
 * @property {string} ours what we say
 * @property {string[]} faults where they disagree; none: it has passed
 */

/**
 * What we say of an object.
 *
 * @typedef {object} Claim
 * @property {string} from the command
 * @property {string} status
 * @property {{ seen: string, seenWithout: string, log?: string }} [kernel] what a mount is said to do
 */

/** Those that mean: a mount that demands fs-verity gives the file's bytes. */
const RIGHT = new Set(['inline', 'ok', 'sealed']);
const WRONG = new Set([
  'unsealed',
  'no-digest',
  'missing',
  'size-mismatch',
  'digest-mismatch',
  'wrong-seal',
  'unreadable',
]);

/** What a program sees, in one word or two. @param {Seen} seen */
export function outcomeOf({ open, read, right, bytes, stat }) {
  if (open !== undefined) return `open ${open}`;
  if (read !== undefined) return `read ${read}`;
  if (!right) return 'other bytes';
  return bytes === stat ? 'reads' : 'other size';
}

/** @param {Results['stores']} stores @param {Results['images']} images @returns {Case[]} */
export function judge(stores, images) {
  return [...stores.flatMap(judgeStore), ...images.flatMap(judgeImages)];
}

/**
 * What was created is right when it is what mkcomposefs makes, every object is sealed, and a mount with verity=require reads all.
 *
 * @param {import('./guest/created.mjs').CreatedResult} created
 * @returns {Case[]}
 */
export function judgeCreated({ ended, digest, files }) {
  const { image, objects } = jsonOf(ended);
  const faults = [];
  if (ended.status !== 0) faults.push(`status ${ended.status}: ${ended.stderr}`);
  if (image.digest !== digest) faults.push(`the image is another one than that of mkcomposefs: ${image.digest}`);
  if (objects.objects === 0 || objects.sealed !== objects.objects) faults.push('not every object is sealed');
  if (files.length === 0) faults.push('no file was read');
  const ours = `${objects.sealed} of ${objects.objects} objects sealed`;
  const made = { name: 'create: the image', kernel: `mkcomposefs has ${digest.slice(0, 6)}…`, ours, faults };
  const read = files.map(({ path, seen }) => {
    const outcome = outcomeOf(seen);
    const wrong = outcome === 'reads' ? [] : ['a mount with verity=require does not read it'];
    return { name: `create: ${path}`, kernel: outcome, ours: 'created', faults: wrong };
  });
  return [made, ...read];
}

/** @param {StoreResult} store @returns {Case[]} */
function judgeStore({ name, files, verify, full, explain }) {
  const ofFull = jsonOf(full);
  const ofVerify = verify && jsonOf(verify);
  const ofExplain = [jsonOf(explain)].flat();
  /** @param {FileResult} file @returns {Claim[]} */
  const claimsOf = ({ path, redirect }) => {
    const claims = [];
    const inFull = find(ofFull.results, 'redirect', redirect);
    const failure = find(ofFull.failures, 'redirect', redirect);
    if (inFull) claims.push({ from: 'verify --full', status: inFull.status, kernel: failure?.kernel });
    const inVerify = find(ofVerify?.results ?? [], 'redirect', redirect);
    if (inVerify) claims.push({ from: 'verify', status: inVerify.status });
    const detail = ofExplain.find(({ problem }) => problem.path === `/${path}`);
    if (detail) claims.push({ from: 'explain', status: detail.problem.status, kernel: detail.kernel });
    return claims;
  };
  const cases = files.map((file) => judgeFile(`${name}: ${file.path}`, file, claimsOf(file)));
  const statuses = [verify?.status ?? 1, full.status];
  const faults = statuses.every((status) => status === 1) ? [] : ['1 is what a run that finds failures ends with'];
  return [...cases, { name: `${name}: exit status`, kernel: 'files fail', ours: statuses.join(', '), faults }];
}

/** What a command printed with --json. @param {import('./guest/system.mjs').Ended} ended */
function jsonOf({ status, stdout, stderr }) {
  if (stdout === '') throw new SetupError(`the command line printed nothing, and ended with ${status}: ${stderr}`);
  return JSON.parse(stdout);
}

/** @param {any[]} list @param {string} key @param {string | undefined} value */
const find = (list, key, value) => (value === undefined ? undefined : list.find((item) => item[key] === value));

/** @param {string} name @param {FileResult} file @param {readonly Claim[]} claims @returns {Case} */
function judgeFile(name, file, claims) {
  const kernel = outcomeOf(file.require);
  const faults = [];
  if (kernel !== file.kernel) faults.push(`the kernel was expected to do this: ${file.kernel}`);
  if (claims.length === 0) faults.push('we say nothing of it');
  for (const { from, status, kernel: words } of claims) {
    const isBeyondMeasure = from === 'verify' && status === 'sealed' && kernel.startsWith('read ');
    if (!isBeyondMeasure) faults.push(...judgeStatus(status, kernel).map((fault) => `${from}: ${fault}`));
    if (words !== undefined) faults.push(...judgeWords(words, file).map((fault) => `${from}: ${fault}`));
  }
  if (!claims.some((claim) => claim.kernel !== undefined)) faults.push('nothing says what a mount does');
  const ours = [...new Set(claims.map(({ status }) => status))].join(', ');
  return { name, kernel, ours, faults };
}

/** @param {string} status @param {string} outcome @returns {string[]} */
function judgeStatus(status, outcome) {
  if (RIGHT.has(status) && outcome !== 'reads') return [`${status}, and it does not read right: ${outcome}`];
  if (WRONG.has(status) && outcome === 'reads') return [`${status}, and it reads right`];
  if (!RIGHT.has(status) && !WRONG.has(status)) return [`${status} says nothing`];
  // where the kernel has fs-verity, it is known whether an object is sealed
  return status === 'ok' ? ['ok, where it could say sealed or unsealed'] : [];
}

/**
 * Sentences of KernelWords, and when they are true of what a program sees.
 *
 * @type {readonly (readonly [RegExp, (seen: Seen, file: FileResult, found: RegExpExecArray) => boolean])[]}
 */
const SENTENCES = [
  [/^it reads as it should\b/, (seen) => outcomeOf(seen) === 'reads'],
  [/^stat works\b.*, open fails: (E[A-Z]+)/, (seen, { size }, [, errno]) => seen.open === errno && seen.stat === size],
  [
    /^open works, reading what is damaged fails: (E[A-Z]+)/,
    (seen, _, [, errno]) => seen.open === undefined && seen.read === errno,
  ],
  [/^it opens and reads, with the size that the image says$/, (seen, { size }) => isRead(seen) && seen.stat === size],
  [/^it reads whatever the object holds$/, (seen) => isRead(seen) && seen.asObject],
  [
    /^a short read and no error, where stat shows the full size$/,
    (seen, { size }) => isRead(seen) && seen.bytes < size && seen.stat === size,
  ],
  [
    /^more bytes than stat shows, and no error$/,
    (seen, { size }) => isRead(seen) && seen.bytes > size && seen.stat === size,
  ],
  [/^wrong bytes, and no error$/, (seen, { size }) => isRead(seen) && !seen.right && seen.bytes === size],
];

/** @param {Seen} seen */
const isRead = ({ open, read }) => open === undefined && read === undefined;

/** @param {NonNullable<Claim['kernel']>} words @param {FileResult} file @returns {string[]} */
function judgeWords({ seen, seenWithout, log }, file) {
  const withoutSentence = /^the same\b/.test(seenWithout) ? seen : seenWithout;
  return [
    ...judgeSentence(seen, file.require, file),
    ...judgeSentence(withoutSentence, file.without, file).map((fault) => `without verity=require, ${fault}`),
    ...judgeLog(log, file.require.log),
  ];
}

/** @param {string} sentence @param {Seen} seen @param {FileResult} file @returns {string[]} */
function judgeSentence(sentence, seen, file) {
  for (const [pattern, isTrue] of SENTENCES) {
    const found = pattern.exec(sentence);
    if (found === null) continue;
    const { open, read, stat, bytes } = seen;
    return isTrue(seen, file, found)
      ? []
      : [`“${sentence}” is not true: ${JSON.stringify({ open, read, stat, bytes })}`];
  }
  return [`“${sentence}” cannot be held against anything`];
}

/** @param {string | undefined} ours where … stands for what differs from run to run @param {readonly string[]} lines */
function judgeLog(ours, lines) {
  if (ours === undefined) return lines.slice(0, 1).map((line) => `no word of what the kernel says: ${line}`);
  const literal = ours.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  const pattern = new RegExp(`^${literal.replaceAll('…', '.+')}$`);
  if (lines.some((line) => pattern.test(line))) return [];
  return [`the kernel does not say “${ours}” but ${lines[0] === undefined ? 'nothing' : `“${lines[0]}”`}`];
}

/** @param {import('./guest/images.mjs').ImagesResult} images @returns {Case[]} */
function judgeImages({ mounts, verify }) {
  return mounts.map(({ path, digest, kernel, outcome }) => {
    const ended = verify.find((run) => run.digest === digest)?.ended;
    const { ours, notes } = ended === undefined ? { ours: 'nothing', notes: [] } : claimOfImage(ended, path);
    const faults = [];
    if (!outcome.includes(kernel)) faults.push(`the kernel was expected to do this: ${kernel}`);
    const saysRight = ours === 'the digest is right';
    if (outcome === 'reads' ? !saysRight : ours === 'nothing') faults.push('we say otherwise');
    // an image can be right and all the same not mount by its digest: then its seal is what is to be told
    const words = outcome.replace(/^.*: /, '');
    if (outcome !== 'reads' && saysRight && !notes.some((note) => note.includes(words)))
      faults.push(`no note has “${words}”`);
    return { name: `image: ${path} with digest=${digest.slice(0, 6)}…`, kernel: outcome, ours, faults };
  });
}

/** What `verify --digest` says of an image. @param {import('./guest/system.mjs').Ended} ended @param {string} path */
function claimOfImage(ended, path) {
  // it would be of no use to ask for a digest that cannot be: then it is said of none
  const errors = ended.stderr.split('\n').filter((line) => line.includes(path) || ended.status === 2);
  if (errors.length > 0) return { ours: errors.join(' ').trim(), notes: [] };
  const json = jsonOf(ended);
  const image = find(json.images, 'path', path);
  /** @type {string[]} */
  const notes = json.notes.filter((/** @type {string} */ note) => note.includes(path));
  if (image === undefined) return { ours: 'nothing', notes };
  return { ours: image.matches ? 'the digest is right' : 'the digest is wrong', notes };
}

/**
 * Judges what is not true of a file, and says which of it was not noticed: a judge that lets all pass is of no use.
 *
 * @param {FileResult} file
 */
export function unnoticed(file) {
  const outcome = outcomeOf(file.require);
  const isRight = outcome === 'reads';
  const atOpen = 'stat works, open fails: EIO (input/output error)';
  const seen = isRight ? atOpen : 'it reads as it should';
  const seenWithout = outcomeOf(file.without) === 'reads' ? atOpen : 'it reads as it should';
  const noticed = {
    status: judgeStatus(isRight ? 'digest-mismatch' : 'sealed', outcome),
    'what is seen': judgeSentence(seen, file.require, file),
    'what is seen without verity=require': judgeSentence(seenWithout, file.without, file),
    'a line of the log': judgeLog('overlayfs: it was not me', file.require.log),
    'no line of the log': file.require.log.length === 0 ? ['there is none'] : judgeLog(undefined, file.require.log),
  };
  return Object.entries(noticed).flatMap(([what, faults]) => (faults.length === 0 ? [`${file.path}: ${what}`] : []));
}
