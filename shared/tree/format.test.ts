import { describe, expect, it } from 'vitest';
import { block, broken, char, dir, fifo, file, imageOf, socket, symlink } from '../testing/table-of.ts';
import { deviceNumbers, formatBytes, formatMode, formatTime, kindOf } from './format.ts';
import { Flag } from './table.ts';

describe('formatMode', () => {
  it.each([
    [0o100644, '-rw-r--r--'],
    [0o104755, '-rwsr-xr-x'],
    [0o102644, '-rw-r-Sr--'],
    [0o041777, 'drwxrwxrwt'],
    [0o041666, 'drw-rw-rwT'],
    [0o106711, '-rws--s--x'],
    [0o120777, 'lrwxrwxrwx'],
    [0o020600, 'crw-------'],
    [0o060660, 'brw-rw----'],
    [0o010644, 'prw-r--r--'],
    [0o140755, 'srwxr-xr-x'],
    [0, '?---------'],
  ])('writes %o as %s', (mode, text) => {
    expect(formatMode(mode)).toBe(text);
  });
});

describe('formatBytes', () => {
  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.0 KiB'],
    [1229, '1.2 KiB'],
    [10_189, '10 KiB'],
    [10 * 1024 - 1, '10 KiB'],
    [1024 * 1024 - 1, '1.0 MiB'],
    [986 * 1024, '986 KiB'],
    [1.25 * 1024 ** 3, '1.3 GiB'],
    [2 ** 53, '8.0 PiB'],
    [2 ** 70, '1024 EiB'],
  ])('writes %d as %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
});

describe('formatTime', () => {
  it.each<[number | bigint, number, 'minute' | 'full' | 'iso', string]>([
    [1_700_000_000, 500_000_000, 'minute', '2023-11-14 22:13'],
    [1_700_000_000, 500_000_000, 'full', '2023-11-14 22:13:20.500000000 UTC'],
    [1_700_000_000, 500_000_000, 'iso', '2023-11-14T22:13:20.5Z'],
    [0, 0, 'iso', '1970-01-01T00:00:00Z'],
    [-1, 5, 'full', '1969-12-31 23:59:59.000000005 UTC'],
    [253_402_300_800, 0, 'minute', '+010000-01-01 00:00'],
    [8_640_000_000_001, 0, 'minute', '@8640000000001.000000000'],
    [-(2n ** 63n), 0, 'full', '@-9223372036854775808.000000000'],
    [1, 1_000_000_000, 'minute', '@1.1000000000'],
  ])('writes %s and %d ns as %s', (seconds, nsec, style, text) => {
    expect(formatTime(seconds, nsec, style)).toBe(text);
  });
});

describe('kindOf', () => {
  it.each([
    ['a file', file(), 'file'],
    ['a directory', dir(), 'directory'],
    ['a symlink', symlink('x'), 'symlink'],
    ['a character device', char(0x103), 'char'],
    ['a block device', block(0x701), 'block'],
    ['a FIFO', fifo(), 'fifo'],
    ['a socket', socket(), 'socket'],
    ['a character device 0:0', char(0), 'whiteout'],
    ['an escaped whiteout', file({ flags: Flag.escapedWhiteout }), 'whiteout'],
    ['an inode that cannot be read', broken(), 'unknown'],
  ])('tells %s', (_, node, kind) => {
    expect(kindOf(imageOf(dir({ node })), 1)).toBe(kind);
  });
});

it('takes device numbers apart as the kernel does', () => {
  expect(deviceNumbers(0x103)).toEqual({ major: 1, minor: 3 });
  expect(deviceNumbers(0x701)).toEqual({ major: 7, minor: 1 });
  expect(deviceNumbers(0xffff_ffff)).toEqual({ major: 0xfff, minor: 0xfffff });
});
