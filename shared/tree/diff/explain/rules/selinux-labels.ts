import { count, grouped } from '../../../../verity/explain/words.ts';
import { displayBytes } from '../../../text.ts';
import { Change } from '../../change.ts';
import { explaining, type CauseRule } from '../delta.ts';

const MAX_LABELS = 5;

const labelText = (value: Uint8Array): string => displayBytes(value.at(-1) === 0 ? value.subarray(0, -1) : value);

/** D08: both sides have labels, and other ones. */
export const selinuxLabels: CauseRule = {
  id: 'D08',
  title: 'Other SELinux labels',
  rule: 'Both sides have a label, and the labels differ.',
  knownFrom:
    'Another policy, or another reading of it: composefs-rs knows aliases by their exact path only and has changed its regular expressions; labels of the build host leak into scans (container_t).',
  advice: 'Label in one place; keep the policy package and composefs-rs the same on both sides.',
  find: (delta) => {
    const sums = new Map<string, number>();
    const rows: number[] = [];
    for (const pair of delta.pairs(Change.selinux)) {
      const label = delta.xattrDifferences(pair).find(({ name }) => name === 'security.selinux');
      if (label?.a === undefined || label.b === undefined) continue;
      const key = `${labelText(label.a)} → ${labelText(label.b)}`;
      sums.set(key, (sums.get(key) ?? 0) + 1);
      rows.push(pair.row);
    }
    const list = [...sums]
      .toSorted((x, y) => y[1] - x[1])
      .slice(0, MAX_LABELS)
      .map(([key, number]) => `${key} (${grouped(number)})`);
    const more = sums.size > MAX_LABELS ? ` and ${count(sums.size - MAX_LABELS, 'more pair')}` : '';
    return {
      sentence: `${count(rows.length, 'label')} ${rows.length === 1 ? 'differs' : 'differ'}: ${list.join(', ')}${more}.`,
      explains: explaining(delta, rows, Change.selinux),
    };
  },
};
