import { describe, expect, it } from 'vitest';
import { reportFormats } from '../../contract/verify-values.ts';
import { formatOfName, formatReport, reportFile } from './report.ts';
import { emptyReport, failure, nastyNames, rightReport, sampleReport, secrets } from './testing/sample.ts';
import { withoutPaths } from './without-paths.ts';

const withPaths = { paths: true };
const formats = ['markdown', 'html', 'json', 'sarif'] as const;

describe('every format', () => {
  it.each(formats)('%s says what is wrong, and leaves out no wrong object', (format) => {
    const text = formatReport(sampleReport, format, withPaths);
    for (const { expectedDigest } of sampleReport.failures) {
      if (expectedDigest !== undefined) expect(text).toContain(expectedDigest);
    }
  });

  it.each(formats)('%s of a right one and of an empty one has no failure', (format) => {
    for (const report of [rightReport, emptyReport]) {
      const text = formatReport(report, format, withPaths);
      expect(text.length).toBeGreaterThan(0);
      // SARIF describes its rules, whatever was found
      expect(format === 'sarif' ? JSON.parse(text).runs[0].results : []).toEqual([]);
      if (format !== 'sarif') expect(text).not.toContain('digest-mismatch');
    }
  });

  it.each(formats)('%s is the same each time', (format) => {
    expect(formatReport(sampleReport, format, withPaths)).toBe(formatReport(sampleReport, format, withPaths));
  });

  it.each(formats)('%s tells no path and no name when those are left out', (format) => {
    const text = formatReport(sampleReport, format, { paths: false });
    expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
  });

  it.each(formats)('%s shows controls, overrides of direction and lone surrogates as escapes', (format) => {
    const text = formatReport(sampleReport, format, withPaths);
    // oxlint-disable-next-line no-control-regex -- what must not be there
    expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f\u202e\u2066\ufeff]/);
    expect(text).not.toMatch(/\p{Surrogate}/u);
  });

  it('is chosen by the name of the file', () => {
    for (const format of reportFormats) expect(formatOfName(`report.${reportFile(format).extension}`)).toBe(format);
    expect(formatOfName('report.pdf')).toBeUndefined();
  });
});

describe('the page', () => {
  const page = formatReport(sampleReport, 'html', withPaths);

  it('has no script, loads nothing, and takes no name for markup', () => {
    expect(page).not.toMatch(/<script|<img|<a href="(?!#)|\son\w+=(?=[^<]*>)["']|src="|url\(|@import/i);
    expect(page).toContain("default-src 'none'");
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  });

  it('closes what it opens', () => {
    const open: string[] = [];
    const isVoid = new Set(['meta', 'br', 'hr', 'col', '!doctype']);
    for (const [tag, slash, name = ''] of page
      .replaceAll(/<style>[^]*?<\/style>/g, '')
      .matchAll(/<(\/?)([!\w]+)[^>]*>/g)) {
      if (isVoid.has(name.toLowerCase()) || tag.endsWith('/>')) continue;
      if (slash === '') open.push(name);
      else expect(open.pop()).toBe(name);
    }
    expect(open).toEqual([]);
  });
});

describe('Markdown', () => {
  it('keeps a name on one line and in one cell', () => {
    const text = formatReport(sampleReport, 'markdown', withPaths);
    for (const line of text.split('\n')) {
      expect(line).not.toMatch(/^# heading/);
      expect(line.replaceAll(/(`+)(?!`).*?(?<!`)\1(?!`)/g, '')).not.toContain('](javascript:');
    }
  });
});

describe('JSON and SARIF', () => {
  it('JSON gives back every name as it was', () => {
    const json = JSON.parse(formatReport(sampleReport, 'json', withPaths));
    const paths = json.failures.flatMap((one: { uses: { path: string }[] }) => one.uses.map(({ path }) => path));
    expect(
      nastyNames.filter((name) => !/\p{Surrogate}/u.test(name) && !paths.some((path: string) => path.includes(name))),
    ).toEqual([]);
  });

  it('SARIF has a rule for each result, and a result for each wrong object', () => {
    const { version, runs } = JSON.parse(formatReport(sampleReport, 'sarif', withPaths));
    expect(version).toBe('2.1.0');
    const [run] = runs;
    expect(run.results.length).toBeGreaterThanOrEqual(sampleReport.failures.length);
    for (const { ruleId, ruleIndex } of run.results) expect(run.tool.driver.rules[ruleIndex].id).toBe(ruleId);
  });
});

describe('leaving out paths', () => {
  it('keeps digests, statuses, counts and what is to be done', () => {
    const without = withoutPaths(sampleReport);
    expect(without.counts).toEqual(sampleReport.counts);
    expect(without.failures.map(({ status, expectedDigest }) => [status, expectedDigest])).toEqual(
      sampleReport.failures.map(({ status, expectedDigest }) => [status, expectedDigest]),
    );
    expect(without.failures.map(({ advice }) => advice.length)).toEqual(
      sampleReport.failures.map(({ advice }) => advice.length),
    );
  });

  it('gives the same path the same number wherever it stands', () => {
    const { uses } = failure(1, 'missing', undefined);
    const [use] = uses;
    expect(use).toBeDefined();
    const twice = withoutPaths({
      ...rightReport,
      failures: [failure(1, 'missing', undefined), failure(1, 'missing', undefined)],
    });
    expect(twice.failures[0]?.uses).toEqual(twice.failures[1]?.uses);
  });
});
