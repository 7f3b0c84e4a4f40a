import { describe, expect, it } from 'vitest';
import { missingLibraries, packagesFor } from './libraries.mjs';
import { parseArguments } from './start.mjs';
import { countPlaywright, countVitest } from './test.mjs';

describe('arguments of npm start', () => {
  it.each([
    [[], undefined, []],
    [['a.cfs', 'b'], undefined, ['a.cfs', 'b']],
    [['--screenshot', 'out.png', 'a.cfs'], 'out.png', ['a.cfs']],
    [['a.cfs', '--screenshot=out.png'], 'out.png', ['a.cfs']],
    [['--', '--odd-name'], undefined, ['--odd-name']],
  ])('%j', (args, screenshot, paths) => expect(parseArguments(args)).toEqual({ screenshot, paths }));

  it('refuses what it does not know', () => {
    expect(() => parseArguments(['--screenshot'])).toThrow('--screenshot needs a file');
    expect(() => parseArguments(['--no-sandbox'])).toThrow('unknown option --no-sandbox');
  });
});

describe('libraries that are missing', () => {
  const ldd = `
	linux-vdso.so.1 (0x00007ffd)
	libnss3.so => not found
	libnssutil3.so => not found
	libgtk-3.so.0 => not found
	libc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f)
	libnew.so.9 => not found
	libnss3.so => not found
`;

  it('reads what ldd prints', () => {
    expect(missingLibraries(ldd)).toEqual(['libnss3.so', 'libnssutil3.so', 'libgtk-3.so.0', 'libnew.so.9']);
    expect(missingLibraries('\tstatically linked\n')).toEqual([]);
  });

  it('names each package once, by the name that the distribution has', () => {
    const libraries = missingLibraries(ldd);
    expect(packagesFor(libraries, () => false)).toEqual({
      packages: ['libnss3', 'libgtk-3-0'],
      unknown: ['libnew.so.9'],
    });
    expect(packagesFor(libraries, (name) => name === 'libgtk-3-0t64').packages).toEqual(['libnss3', 'libgtk-3-0t64']);
  });
});

describe('counts of the runners', () => {
  it('counts a run without a report or a test as failed', () => {
    expect(countVitest(undefined)).toEqual({ passed: 0, failed: 1 });
    expect(countPlaywright(undefined)).toEqual({ passed: 0, failed: 1 });
    expect(countVitest('{"numPassedTests":0,"numFailedTests":0,"success":true}')).toEqual({ passed: 0, failed: 1 });
  });

  it('counts tests, and flaky ones as failed', () => {
    expect(countVitest('{"numPassedTests":7,"numFailedTests":0,"success":true}')).toEqual({ passed: 7, failed: 0 });
    expect(countVitest('{"numPassedTests":7,"numFailedTests":0,"success":false}')).toEqual({ passed: 7, failed: 1 });
    const stats = { expected: 5, unexpected: 1, flaky: 2, skipped: 0 };
    expect(countPlaywright(JSON.stringify({ stats, errors: [] }))).toEqual({ passed: 5, failed: 3 });
  });
});
