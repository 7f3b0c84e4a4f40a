import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { reportFormats, type ProblemObject, type VerifyState } from '../../../shared/contract/verify-values.ts';
import { formatReport } from '../../../shared/verity/report/report.ts';
import { contentOf, digestOf, objectPath, openLab, putObject, type Lab } from '../testing/lab.ts';

vi.setConfig({ testTimeout: 30_000 });

let lab: Lab;
let objects: string;
beforeEach(async () => {
  lab = await openLab();
  objects = join(lab.folder, 'objects');
  await putObject(objects, 'good');
  await putObject(objects, 'plain');
  await putObject(objects, 'short', contentOf('short').slice(0, -1));
  await lab.handlers.open({ path: lab.image });
  await vi.waitFor(() => expect(lab.workspace.session(0).checked?.stores.length).toBe(1));
});
afterEach(() => lab.close());

const state = (): VerifyState => lab.workspace.verify.state;

async function verified(options: { full?: boolean; wholeStores?: number[] } = {}): Promise<VerifyState> {
  await lab.handlers.verify({ images: [], wholeStores: [], full: false, useCache: false, ...options });
  await vi.waitFor(() => expect(state().job === undefined && state().phase === 'done').toBe(true), 10_000);
  return state();
}

const entry = async (path: string): Promise<number> => (await lab.handlers.find({ image: 0, path }))?.entry ?? -1;

async function problems(by: 'cause' | 'image' | 'folder' = 'cause'): Promise<readonly ProblemObject[]> {
  const groups = await lab.handlers.problemGroups({ by });
  const rows = await Promise.all(groups.map(({ key }) => lab.handlers.problemRows({ by, key, from: 0, to: 100 })));
  return rows.flat();
}

test('a run tells how it goes, and the tree, the filter and the list of problems follow', async () => {
  const view = await lab.handlers.createView({
    image: 0,
    filter: 'verity:ok',
    sort: { column: 'name', descending: false },
    showStubs: false,
  });
  expect(view.matches).toBe(0);
  const end = await verified();
  expect(end).toMatchObject({
    run: 1,
    objects: { done: 4, total: 4 },
    counts: { ok: 1, 'no-digest': 1, missing: 1, 'size-mismatch': 1 },
  });
  const told = lab.events.filter((event) => event[0] === 'verifyChanged').map(([, now]) => now.phase);
  expect(told[0]).toBe('looking');
  expect(told).toContain('explaining');
  // /bin/good, and its hard link
  expect(lab.events.findLast((event) => event[0] === 'viewChanged')?.[1]).toMatchObject({ matches: 2 });
  expect(await problems()).toMatchObject([
    { path: '/bin/missing', status: 'missing', uses: 1 },
    { path: '/bin/short', status: 'size-mismatch', cause: 'text-changed', certainty: 'certain' },
  ]);
  expect((await lab.handlers.problemGroups({ by: 'folder' })).map(({ title, count }) => [title, count])).toEqual([
    ['/bin', 2],
  ]);
  expect((await lab.handlers.problemGroups({ by: 'image' })).map(({ title, count }) => [title, count])).toEqual([
    ['small.cfs', 2],
  ]);
});

test('what was verified is not forgotten by another look, until the file is another one', async () => {
  await verified();
  const good = async () => (await lab.handlers.details({ image: 0, entry: await entry('/bin/good') })).row.verity;
  expect(await good()).toBe('ok');
  await lab.handlers.recheck({});
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(await good()).toBe('ok');
  await putObject(objects, 'good', contentOf('evil'));
  await lab.handlers.recheck({});
  expect(await good()).toBe('unchecked');
  await verified();
  expect(await good()).toBe('digest-mismatch');
});

test('there is one run at a time, and nothing to verify without an image', async () => {
  await lab.handlers.verify({ images: [], wholeStores: [], full: false, useCache: false });
  expect(() => lab.handlers.verify({ images: [], wholeStores: [], full: false, useCache: false })).toThrow(
    'being verified',
  );
  await vi.waitFor(() => expect(state().phase).toBe('done'), 10_000);
  await lab.handlers.closeImage({ image: 0 });
  expect(() => lab.handlers.verify({ images: [], wholeStores: [], full: false, useCache: false })).toThrow(
    'Open an image',
  );
});

test('a whole store is checked by its names', async () => {
  await putObject(objects, 'extra');
  await putObject(objects, 'wrong', 'something else');
  const [store] = (await lab.handlers.workspace({})).stores;
  await verified({ wholeStores: [store?.store ?? -1] });
  const ofStore = (await problems()).filter(({ ref }) => 'store' in ref);
  // `short` is wrong by its name, too
  expect(ofStore.map(({ redirect }) => redirect).toSorted()).toEqual(
    [objectPath('short'), objectPath('wrong')].toSorted(),
  );
});

test('the page of an object that is wrong by its own name explains it, with a good copy where a store has one', async () => {
  const name = objectPath('missing');
  await putObject(objects, 'missing', contentOf('missing').slice(0, 40));
  const [store] = (await lab.handlers.workspace({})).stores;
  const request = { store: store?.store ?? -1, name };
  await expect(lab.handlers.failure(request)).rejects.toThrow('No object');
  await verified({ wholeStores: [request.store] });
  expect(await lab.handlers.failure(request)).toMatchObject({
    problem: { ref: request, status: 'digest-mismatch', redirect: name, path: undefined },
    measure: 'fs-verity',
    expectedDigest: digestOf('missing'),
    objectSize: 40,
    expectedSize: undefined,
    message: 'Its content is not what its name says.',
    uses: [],
    command: undefined,
  });
  const other = join(lab.folder, 'other');
  await putObject(other, 'missing');
  await lab.handlers.attachStore({ path: other });
  expect(await lab.handlers.failure(request)).toMatchObject({
    expectedSize: contentOf('missing').length,
    explanation: {
      findings: [{ rule: 'truncated', certainty: 'certain' }, { rule: 'other-store' }],
      goodCopy: { path: join(other, name) },
    },
  });
});

test('the page of a failure has everything, and names the good copy once its store is attached', async () => {
  await verified();
  const request = { image: 0, entry: await entry('/bin/short') };
  expect(await lab.handlers.failure(request)).toMatchObject({
    problem: { status: 'size-mismatch', path: '/bin/short' },
    objectSize: 119,
    expectedDigest: digestOf('short'),
    explanation: {
      findings: [
        { rule: 'text-changed', certainty: 'certain' },
        { rule: 'truncated', certainty: 'likely' },
      ],
      goodCopy: undefined,
    },
    uses: [{ path: '/bin/short' }],
    command: undefined,
  });
  const other = join(lab.folder, 'other');
  await putObject(other, 'short');
  await lab.handlers.attachStore({ path: other });
  const detail = await lab.handlers.failure(request);
  expect(detail.explanation.findings.map(({ rule, certainty }) => [rule, certainty])).toEqual([
    ['truncated', 'certain'],
    ['other-store', 'certain'],
  ]);
  expect(detail.explanation.strip?.runs).toEqual([]);
  expect(detail.command).toContain('composcope repair');
});

const repairAll = (from: readonly string[] = []) => lab.handlers.repair({ objects: [], from: [...from], keep: true });

const read = (word: string): string => readFileSync(join(objects, objectPath(word)), 'utf8');

const makeTree = (): string => {
  const tree = join(lab.folder, 'tree');
  mkdirSync(join(tree, 'some', 'where'), { recursive: true });
  writeFileSync(join(tree, 'some', 'where', 'file'), contentOf('missing'));
  writeFileSync(join(tree, 'decoy'), contentOf('missing').replace('missing', 'decoyed'));
  return tree;
};

describe('repair', () => {
  test('from another attached store: only what is right, the bad one kept until it is deleted', async () => {
    const other = join(lab.folder, 'other');
    await putObject(other, 'short');
    await putObject(other, 'missing', 'not it');
    await lab.handlers.attachStore({ path: other });
    await verified();
    const results = await repairAll();
    expect(results.map(({ redirect, outcome }) => [redirect, outcome]).toSorted()).toEqual(
      [
        [objectPath('short'), 'repaired'],
        [objectPath('missing'), 'no-copy'],
      ].toSorted(),
    );
    expect(read('short')).toBe(contentOf('short'));
    const kept = results.find(({ outcome }) => outcome === 'repaired')?.keptAs ?? '';
    expect(readFileSync(kept, 'utf8')).toBe(contentOf('short').slice(0, -1));
    expect((await lab.handlers.details({ image: 0, entry: await entry('/bin/short') })).row.verity).toBe('ok');
    await expect(lab.handlers.removeKept({ path: lab.image })).rejects.toThrow('no object that was kept');
    await lab.handlers.removeKept({ path: kept });
    expect(existsSync(kept)).toBe(false);
    expect(existsSync(lab.image)).toBe(true);
  });

  test.each(['a folder', 'tar', 'tar.gz', 'tar.zst', 'an OCI layout', 'an OCI archive', 'a single file'])(
    'from %s',
    async (kind) => {
      const tree = makeTree();
      let from = tree;
      const tar = (name: string, ...options: string[]): string => {
        execFileSync('tar', [...options, '-cf', join(lab.folder, name), '-C', tree, '.']);
        return join(lab.folder, name);
      };
      if (kind === 'tar') from = tar('layer');
      if (kind === 'tar.gz') from = tar('layer', '-z');
      if (kind === 'tar.zst') from = tar('layer', '--zstd');
      if (kind === 'a single file') from = join(tree, 'some', 'where', 'file');
      if (kind.startsWith('an OCI')) {
        const layout = join(lab.folder, 'layout');
        mkdirSync(join(layout, 'blobs', 'sha256'), { recursive: true });
        writeFileSync(join(layout, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
        writeFileSync(join(layout, 'blobs', 'sha256', '1'.repeat(64)), '{}');
        execFileSync('cp', [tar('blob', '-z'), join(layout, 'blobs', 'sha256', '2'.repeat(64))]);
        from = layout;
        if (kind === 'an OCI archive') {
          from = join(lab.folder, 'archive.tar');
          execFileSync('tar', ['-cf', from, '-C', layout, '.']);
        }
      }
      const results = await lab.handlers.repair({
        objects: [{ image: 0, entry: await entry('/bin/missing') }],
        from: [from],
        keep: true,
      });
      expect(results).toMatchObject([{ outcome: 'repaired', keptAs: undefined }]);
      expect(read('missing')).toBe(contentOf('missing'));
      // nothing is left of what was written beside
      expect(
        readdirSync(objects, { recursive: true, encoding: 'utf8' }).filter((name) => name.includes('.tmp')),
      ).toEqual([]);
    },
  );

  test('a place that cannot be read is an error, and a damaged layer, too', async () => {
    await expect(repairAll([join(lab.folder, 'none')])).rejects.toThrow('no such file');
    writeFileSync(join(lab.folder, 'layer'), Buffer.concat([Buffer.from([0x1f, 0x8b, 8, 0]), Buffer.alloc(2000, 7)]));
    await expect(repairAll([join(lab.folder, 'layer')])).rejects.toThrow('cannot be unpacked');
  });

  test('a symlink in place of the object is replaced, not followed; one on the way is not entered', async () => {
    const other = join(lab.folder, 'other');
    await putObject(other, 'missing');
    const victim = join(lab.folder, 'victim');
    writeFileSync(victim, 'untouched');
    mkdirSync(join(objects, objectPath('missing').slice(0, 2)), { recursive: true });
    symlinkSync(victim, join(objects, objectPath('missing')));
    await lab.handlers.recheck({});
    await vi.waitFor(async () => expect((await problems()).map(({ status }) => status)).toContain('unreadable'));
    const results = await repairAll([other]);
    expect(results.find(({ redirect }) => redirect === objectPath('missing'))?.outcome).toBe('repaired');
    expect(readFileSync(victim, 'utf8')).toBe('untouched');
    expect(read('missing')).toBe(contentOf('missing'));
  });
});

test('orphans are what no open image refers to; reach is what one image alone needs', async () => {
  await putObject(objects, 'extra');
  const [store] = (await lab.handlers.workspace({})).stores;
  const list = await lab.handlers.orphans({ store: store?.store ?? -1 });
  expect(list).toMatchObject({ count: 1, bytes: 120, orphans: [{ name: objectPath('extra'), size: 120 }] });
  expect(await lab.handlers.reach({})).toEqual([
    {
      image: 0,
      objects: 4,
      bytes:
        contentOf('good').length + contentOf('missing').length + contentOf('short').length + contentOf('plain').length,
      sharedObjects: 0,
      sharedBytes: 0,
    },
  ]);
});

test('an expected digest is compared, and nonsense refused', async () => {
  const digest = 'da03a3cb2b5b76330300ba1809ec88c8f39620503747926029bffb617b76e29e';
  await lab.handlers.expectDigest({ image: 0, text: `sha256:${digest.toUpperCase()}` });
  expect(lab.workspace.session(0).expected).toMatchObject({ digest, source: 'typed' });
  await expect(lab.handlers.expectDigest({ image: 0, text: 'abc' })).rejects.toThrow('It has 3 digits');
  writeFileSync(`${lab.image}.digest`, `${digest}\n`);
  await lab.handlers.expectDigest({ image: 0, text: '' });
  expect(lab.workspace.session(0).expected).toMatchObject({ digest, source: 'small.cfs.digest' });
});

describe('reports', () => {
  test('of every format name each failure', async () => {
    await verified();
    const report = await lab.workspace.verify.report('1.0.0');
    for (const format of reportFormats) {
      const text = formatReport(report, format, { paths: true });
      for (const word of ['missing', 'short']) {
        expect(text.replaceAll('\\', '')).toContain(objectPath(word));
        expect(text.replaceAll('\\', '')).toContain(`/bin/${word}`);
      }
    }
    const sarif = JSON.parse(formatReport(report, 'sarif', { paths: true })) as { runs: { results: unknown[] }[] };
    expect(sarif.runs[0]?.results).toHaveLength(2);
    const json = JSON.parse(formatReport(report, 'json', { paths: true })) as Record<string, unknown>;
    expect(json).toMatchObject({ schema: 'composcope-verify-report', schemaVersion: 1, counts: { missing: 1 } });
  });

  test('without paths hold no path and no name of this machine or of the image', async () => {
    await verified();
    const report = await lab.workspace.verify.report('1.0.0');
    for (const format of reportFormats) {
      const text = formatReport(report, format, { paths: false }).replaceAll('\\', '');
      for (const secret of [lab.folder, 'small.cfs', '/bin/short', '/bin/missing', 'composcope-engine']) {
        expect([format, text.includes(secret)]).toEqual([format, false]);
      }
      expect(text).toContain(objectPath('short'));
    }
  });

  test('let nothing of an image be markup', async () => {
    await verified();
    const report = await lab.workspace.verify.report('1.0.0');
    const evil = '<img src=x onerror=alert(1)>|`[x](javascript:alert(1))';
    const uses = [{ image: evil, path: `/${evil}` }];
    const wounded = { ...report, failures: report.failures.map((failure) => Object.assign({}, failure, { uses })) };
    const html = formatReport(wounded, 'html', { paths: true });
    expect(html).not.toContain('<img');
    expect(html).toContain('&lt;img');
    const markdown = formatReport(wounded, 'markdown', { paths: true });
    // what stands in code is no markup
    expect(markdown.replaceAll(/``.*?``/g, '')).not.toMatch(/\]\(javascript/);
  });
});
