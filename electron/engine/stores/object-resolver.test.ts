import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ObjectResolver } from './object-resolver.ts';
import { asUser, plant } from './testing/folder.ts';

const redirect = (text: string): Uint8Array => Buffer.from(text);

describe('an object', () => {
  it('is found in the first data root that has it', async () => {
    const folder = plant({ 'one/aa/x': 'in one', 'two/aa/x': 'in two, longer', 'two/bb/y': 'two alone' });
    const resolver = new ObjectResolver([folder.at('one'), folder.at('two')]);
    expect(await resolver.resolve(redirect('aa/x'))).toMatchObject({ found: true, root: 0, size: 6 });
    const other = await resolver.resolve(redirect('bb/y'));
    expect(other).toMatchObject({ found: true, root: 1, size: 9, denied: undefined });
    expect(other.path?.toString()).toBe(folder.at('two/bb/y'));
  });

  it('is found under a name that is not UTF-8', async () => {
    const folder = plant();
    const name = Buffer.from([0x61, 0xff, 0xfe]);
    mkdirSync(folder.at('d'));
    writeFileSync(Buffer.concat([Buffer.from(`${folder.at('d')}/`), name]), 'bytes');
    const path = Buffer.concat([redirect('d/'), name]);
    for (const remember of [false, true]) {
      const resolver = new ObjectResolver([folder.path], { remember });
      expect(await resolver.resolve(path)).toMatchObject({ found: true, size: 5 });
      expect(await resolver.resolve(redirect('d/a\uFFFD\uFFFD'))).toMatchObject({ found: false, status: 'missing' });
    }
  });

  it('is found by a path of any shape, an inner `..` included', async () => {
    const folder = plant({ 'a/b/c/file': 'deep', flat: 'flat' });
    const resolver = new ObjectResolver([folder.path]);
    expect(await resolver.resolve(redirect('a/b/c/file'))).toMatchObject({ found: true, size: 4 });
    expect(await resolver.resolve(redirect('a/../flat'))).toMatchObject({ found: true, size: 4 });
  });

  // Each of these was tried with a real overlay mount: spec overlay-metacopy.md, section 2.
  it.each([
    ['aa/none', 'missing', 'ENOENT', /no such file/],
    ['none/x', 'missing', 'ENOENT', /none: no such file/],
    ['aa/x/below-a-file', 'missing', 'ENOTDIR', /aa\/x is not a folder/],
    ['aa/link', 'unreadable', 'ELOOP', /is a symbolic link; overlayfs takes regular files only/],
    ['aa/folder', 'unreadable', 'EISDIR', /is a folder/],
    ['aa/fifo', 'unreadable', 'ENXIO', /is a FIFO/],
    ['linked/x', 'unreadable', 'ELOOP', /linked is a symbolic link; overlayfs follows none/],
    ['../outside', 'unreadable', 'EXDEV', /leaves the store/],
    ['aa//x', 'unreadable', 'EINVAL', /empty component/],
    ['', 'unreadable', 'EINVAL', /empty/],
  ])('at %j is %s (%s)', async (path, status, errno, reason) => {
    const folder = plant({
      outside: 'never reached',
      'store/aa/x': 'x',
      'store/aa/link': { link: 'x' },
      'store/aa/folder': { folder: true },
      'store/aa/fifo': { fifo: true },
      'store/linked': { link: 'aa' },
    });
    const resolver = new ObjectResolver([folder.at('store')]);
    const outcome = await resolver.resolve(redirect(path));
    expect(outcome).toMatchObject({ found: false, status, errno, reason: expect.stringMatching(reason) });
  });

  it('is taken from the next root where something is in its way in the first', async () => {
    const folder = plant({ 'one/aa/x': { link: '../../two/aa/x' }, 'two/aa/x': 'x' });
    const resolver = new ObjectResolver([folder.at('one'), folder.at('two')]);
    expect(await resolver.resolve(redirect('aa/x'))).toMatchObject({ found: true, root: 1 });
  });

  it('that no root has is told by what is in its way, not by what is absent', async () => {
    const folder = plant({ 'one/aa': { folder: true }, 'two/aa/x': { folder: true }, 'three/aa': { folder: true } });
    const resolver = new ObjectResolver(['one', 'two', 'three'].map(folder.at));
    expect(await resolver.resolve(redirect('aa/x'))).toMatchObject({ status: 'unreadable', errno: 'EISDIR', root: 1 });
  });

  it('in a folder that may not be entered is unreadable, not missing', async () => {
    const folder = plant({ 'aa/x': 'x', 'bb/y': 'y' });
    chmodSync(folder.at('aa'), 0o700);
    chmodSync(folder.at('bb/y'), 0o600);
    await asUser(async () => {
      const resolver = new ObjectResolver([folder.path]);
      if (process.geteuid?.() === 65_534) {
        expect(await resolver.resolve(redirect('aa/x'))).toMatchObject({ status: 'unreadable', errno: 'EACCES' });
        expect(await resolver.resolve(redirect('bb/y'))).toMatchObject({ found: true, denied: 'EACCES' });
      }
      expect(await resolver.resolve(redirect('bb/none'))).toMatchObject({ status: 'missing' });
    });
  });

  it('that appears later is found, unless the resolver remembers folders for one run', async () => {
    const folder = plant();
    const now = new ObjectResolver([folder.path]);
    const run = new ObjectResolver([folder.path], { remember: true });
    for (const resolver of [now, run]) {
      expect(await resolver.resolve(redirect('aa/x'))).toMatchObject({ status: 'missing' });
    }
    mkdirSync(folder.at('aa'));
    writeFileSync(folder.at('aa/x'), 'x');
    expect(await now.resolve(redirect('aa/x'))).toMatchObject({ found: true });
    expect(await run.resolve(redirect('aa/x'))).toMatchObject({ status: 'missing' });
  });

  it('is still found after so many misses that its folder was listed', async () => {
    const folder = plant({ 'aa/x': 'x', 'aa/link': { link: 'x' } });
    const resolver = new ObjectResolver([folder.path], { remember: true });
    for (let miss = 0; miss < 10; miss += 1) {
      expect(await resolver.resolve(redirect(`aa/${miss}`))).toMatchObject({ status: 'missing', errno: 'ENOENT' });
    }
    expect(await resolver.resolve(redirect('aa/x'))).toMatchObject({ found: true });
    expect(await resolver.resolve(redirect('aa/link'))).toMatchObject({ errno: 'ELOOP' });
  });
});

describe('a resolver', () => {
  it('says what is wrong with a data root as a whole', async () => {
    const folder = plant({ file: 'x', store: { folder: true }, link: { link: 'store' } });
    const resolver = new ObjectResolver(['store', 'link', 'file', 'none'].map(folder.at));
    expect(await resolver.rootProblem(0)).toBeUndefined();
    expect(await resolver.rootProblem(1)).toBeUndefined(); // mount(2) follows a link to the layer itself
    expect(await resolver.rootProblem(2)).toMatchObject({ errno: 'ENOTDIR' });
    expect(await resolver.rootProblem(3)).toMatchObject({ errno: 'ENOENT' });
  });

  it('without a data root finds nothing', async () => {
    expect(await new ObjectResolver([]).resolve(redirect('aa/x'))).toMatchObject({
      status: 'missing',
      root: undefined,
    });
  });

  it('stops with the reason of its signal', async () => {
    const folder = plant({ 'aa/x': 'x' });
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(new ObjectResolver([folder.path]).resolve(redirect('aa/x'), signal)).rejects.toThrow('enough');
  });
});
