import { describe, expect, it } from 'vitest';
import { ImageError } from '../../erofs/image-error.ts';
import { backed, char, dir, file, imageOf, type Node } from '../../testing/table-of.ts';
import { lookup, pathOf } from '../path.ts';
import { Flag } from '../table.ts';
import { bytesOfText, displayBytes } from '../text.ts';
import { reportLayers } from './layer-report.ts';
import { StackImage } from './stack-image.ts';

const opaque = { 'trusted.overlay.opaque': 'y' };
const whiteout = (): Node => char(0);

/** Layers of plain trees, the lowest first. */
const stackOf = (...roots: readonly Node[]): StackImage =>
  new StackImage(roots.map((root) => imageOf(root, { kind: 'erofs' })));

const pathsOf = ({ table }: StackImage): readonly string[] =>
  Array.from({ length: table.count }, (_, entry) => pathOf(table, entry));

const at = ({ table }: StackImage, path: string): number => lookup(table, bytesOfText(path)) ?? -1;

const textOf = (stack: StackImage, path: string): string => {
  const content = stack.content(at(stack, path));
  if (content.kind !== 'inline') return content.kind;
  const { bytes } = stack.table;
  return content.extents
    .map(({ offset = 0, length }) => displayBytes(bytes.subarray(offset, offset + length)))
    .join('');
};

const inline = (content: string): Node => file({ content, flags: Flag.inline });

// the kernel's own overlayfs is the judge of many more, in electron/engine/layers/kernel-merge.test.ts
describe('the merged tree (overlay-metacopy.md, section 7)', () => {
  it('has the names of both directories, and the attributes of the upper one', () => {
    const stack = stackOf(dir({ d: dir({ a: file() }) }), dir({ d: dir({ b: file() }, { mode: 0o700 }) }));
    expect(pathsOf(stack)).toEqual(['/', '/d', '/d/a', '/d/b']);
    expect((stack.table.mode[1] ?? 0) & 0o777).toBe(0o700);
    expect(stack.below(1)).toEqual([{ layer: 0, row: 1, how: 'merged' }]);
  });

  it('shows nothing of what lies below a file in the middle', () => {
    const stack = stackOf(dir({ d: dir({ a: file() }) }), dir({ d: file() }), dir({ d: dir({ c: file() }) }));
    expect(pathsOf(stack)).toEqual(['/', '/d', '/d/c']);
    expect(stack.below(1).map(({ layer, how }) => [layer, how])).toEqual([
      [1, 'hidden'],
      [0, 'hidden'],
    ]);
  });

  it('shows nothing below an opaque directory', () => {
    const lower = dir({ d: dir({ a: file(), b: file() }) });
    const stack = stackOf(lower, dir({ d: dir({ c: file() }, { xattrs: opaque, flags: Flag.xattrs }) }));
    expect(pathsOf(stack)).toEqual(['/', '/d', '/d/c']);
    expect(stack.xattrs(1)).toEqual([]);
    expect(stack.rawXattrs(1)).toHaveLength(1);
  });

  it('leaves out what a whiteout names, and remembers it', () => {
    const stack = stackOf(
      dir({ a: file(), d: dir({ b: file() }) }),
      dir({ a: whiteout(), d: whiteout(), x: whiteout() }),
    );
    expect(pathsOf(stack)).toEqual(['/']);
    expect(stack.goneCount).toBe(3);
    expect(stack.gone(1)).toEqual({
      parent: 0,
      whiteout: { layer: 1, row: 2 },
      below: [{ layer: 0, row: 2, how: 'hidden' }],
    });
    expect(stack.gone(2).below).toEqual([]);
  });

  it('takes a renamed directory from where it was', () => {
    const renamed = dir({}, { xattrs: { 'trusted.overlay.redirect': '/x' }, flags: Flag.xattrs });
    const stack = stackOf(dir({ x: dir({ f: inline('one') }) }), dir({ x: whiteout(), y: renamed }));
    expect(pathsOf(stack)).toEqual(['/', '/y', '/y/f']);
    expect(textOf(stack, '/y/f')).toBe('one');
  });

  it('takes the bytes of a metacopy from below, all else from it', () => {
    const xattrs = { 'trusted.overlay.metacopy': '', 'trusted.overlay.redirect': 'f' };
    const stack = stackOf(
      dir({ f: inline('one') }),
      dir({ g: file({ mode: 0o600, size: 3, xattrs, flags: Flag.xattrs }) }),
    );
    expect(pathsOf(stack)).toEqual(['/', '/f', '/g']);
    expect(textOf(stack, '/g')).toBe('one');
    expect(stack.partOf(2)).toEqual({ layer: 1, row: 1 });
    expect(stack.dataOf(2)).toEqual({ layer: 0, row: 1 });
  });

  it('says which errno a metacopy without data gives', () => {
    const stack = stackOf(
      dir(),
      dir({ g: file({ size: 3, xattrs: { 'trusted.overlay.metacopy': '' }, flags: Flag.xattrs }) }),
    );
    expect(stack.problems).toMatchObject([{ severity: 'error', code: 'EIO', entry: 1 }]);
    expect(stack.content(1)).toMatchObject({ kind: 'unavailable', why: expect.stringContaining('EIO') });
  });

  it('breaks a hard link of which one name is replaced', () => {
    const lower = dir({ a: file({ inode: 7, nlink: 2 }), b: file({ inode: 7, nlink: 2 }) });
    const both = stackOf(lower, dir());
    expect([both.table.inode[1], both.table.nlink[1]]).toEqual([both.table.inode[2], 2]);
    const one = stackOf(lower, dir({ b: file() }));
    expect(one.table.inode[1]).not.toBe(one.table.inode[2]);
    expect(one.table.nlink[1]).toBe(1);
  });

  it('shows escaped attributes as a mount does, and none of overlay’s own', () => {
    const xattrs = { 'trusted.overlay.impure': 'y', 'trusted.overlay.overlay.opaque': 'y', 'user.a': 'b' };
    const stack = stackOf(dir({ d: dir({}, { xattrs, flags: Flag.xattrs }) }));
    expect(stack.xattrs(1).map(({ name }) => displayBytes(name))).toEqual(['trusted.overlay.opaque', 'user.a']);
  });

  it('reads the attributes of a composefs image one level down, and not its own', () => {
    const own = { xattrs: { 'trusted.overlay.opaque': 'y' }, flags: Flag.xattrs | Flag.opaque };
    const escaped = { xattrs: { 'trusted.overlay.overlay.opaque': 'y' }, flags: Flag.xattrs };
    const lower = imageOf(dir({ a: file(), d: dir({ b: file() }) }));
    const upper = imageOf(dir({ d: dir({ c: file() }, escaped) }, own));
    expect(pathsOf(new StackImage([lower, upper]))).toEqual(['/', '/a', '/d', '/d/c']);
  });

  it('reads one family of attributes alone', () => {
    const user = { xattrs: { 'user.overlay.opaque': 'y' }, flags: Flag.xattrs };
    const layers = [dir({ d: dir({ a: file() }) }), dir({ d: dir({}, user) })].map((root) =>
      imageOf(root, { kind: 'erofs' }),
    );
    expect(pathsOf(new StackImage(layers))).toContain('/d/a');
    expect(pathsOf(new StackImage(layers, { family: 'user' }))).not.toContain('/d/a');
  });

  it('stops where redirects make it grow past its limit', () => {
    const folder = dir({ a: file(), b: file(), c: file() });
    expect(() => new StackImage([imageOf(folder, { kind: 'erofs' })], { maxEntries: 3 })).toThrow(ImageError);
  });
});

describe('what layers do', () => {
  it('counts what each adds, changes, hides and wastes', () => {
    const stack = stackOf(
      dir({ a: backed(1, 100), b: backed(2, 20), d: dir({ x: backed(3, 3) }) }),
      dir({ a: backed(4, 1000), c: backed(2, 20), d: whiteout() }),
    );
    const [lower, upper] = reportLayers(stack);
    expect(lower).toMatchObject({ entries: 5, whiteouts: 0, shown: 1, adds: 1, hides: 0, bytes: 123, wasted: 103 });
    expect(upper).toMatchObject({ entries: 4, whiteouts: 1, shown: 3, adds: 1, changes: 1, hides: 3, wasted: 0 });
    expect(lower?.exclusive).toEqual({ count: 2, bytes: 103 });
    expect(lower?.shared).toEqual({ count: 1, bytes: 20 });
    expect(lower?.reclaimable).toEqual({ count: 2, bytes: 103 });
    expect(upper?.reclaimable).toEqual({ count: 0, bytes: 0 });
  });

  it('says of what lies three deep that the one above it hides it', () => {
    const stack = stackOf(dir({ a: file() }), dir({ a: file() }), dir({ a: file() }));
    expect(reportLayers(stack).map(({ hides }) => hides)).toEqual([0, 1, 1]);
  });
});
