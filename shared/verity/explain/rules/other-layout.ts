import { finding, type Rule } from '../evidence.ts';

/** The object is there, under the name that another kind of store would give it. */
export const otherLayout: Rule = {
  id: 'other-layout',
  examine: async ({ status, expected, existing, goodCopy }) => {
    if (status !== 'missing') return undefined;
    const [hit, ...others] = await existing(namesOf(expected.redirect, expected.digest));
    if (hit === undefined) {
      return {
        ruledOut: 'No other layout’s name for it exists either: with or without `.file`, flat, other prefixes.',
      };
    }
    if (hit.name.endsWith('.filez')) {
      return finding(
        'other-layout',
        'certain',
        'The store has it only compressed, as an archive repository of ostree keeps it: that cannot back a mount.',
        [['There', hit.path]],
        'Pull it into a repository of mode `bare` or `bare-user`, and take that as the store.',
      );
    }
    const copy = await goodCopy();
    const isProved = copy?.path === hit.path;
    return finding(
      'other-layout',
      isProved ? 'certain' : 'likely',
      `It lies under the name of another layout: ${hit.name}.`,
      [
        ['Looked for', expected.redirect],
        ['There', hit.path],
        ...others.map((other) => ['And', other.path] as const),
        ...(isProved ? [['Its digest', 'is the right one'] as const] : []),
      ],
      'Attach the folder that the image was made for, or copy the object to the name that the image wants (`composcope repair`).',
    );
  },
};

/** What other layouts would call the object. Its own name is not among them. */
export function namesOf(redirect: string, digest: string | undefined): readonly string[] {
  const names = new Set<string>();
  const own = redirect.replace(/\.file$/, '');
  for (const base of [own, ...(digest === undefined ? [] : [`${digest.slice(0, 2)}/${digest.slice(2)}`])]) {
    const flat = base.replaceAll('/', '');
    const last = base.slice(base.lastIndexOf('/') + 1);
    const paths = [
      base,
      flat,
      `${flat.slice(0, 2)}/${flat.slice(2)}`,
      `${flat.slice(0, 2)}/${flat}`,
      `${flat.slice(0, 1)}/${flat.slice(1)}`,
      `${flat.slice(0, 3)}/${flat.slice(3)}`,
      `${flat.slice(0, 4)}/${flat.slice(4)}`,
      `${flat.slice(0, 2)}/${flat.slice(2, 4)}/${flat.slice(4)}`,
      `${flat.slice(0, 2)}/${flat.slice(2, 4)}/${flat}`,
      `sha256/${flat}`,
      last,
      base.toUpperCase(),
    ];
    for (const path of paths) {
      for (const name of [path, `${path}.file`, `objects/${path}`, `objects/${path}.file`]) names.add(name);
    }
    names.add(base.replace(/^objects\//, ''));
    names.add(`${base}.filez`);
    names.add(`objects/${base}.filez`);
  }
  names.delete(redirect);
  names.delete('');
  return [...names].filter((name) => !name.endsWith('/') && !name.startsWith('/'));
}
