import type { BlockRun, BlockStrip } from '../../contract/verify-values.ts';
import { count, grouped } from '../explain/words.ts';
import { escapeHtml } from './html-text.ts';

/** What each state is called, and how it is drawn: told apart by their shapes, in black and white too. */
const states: Readonly<
  Record<BlockRun['state'], { readonly word: string; readonly y: number; readonly height: number }>
> = {
  differs: { word: 'differs', y: 0, height: 20 },
  zero: { word: 'zeros', y: 10, height: 10 },
  absent: { word: 'absent', y: 8, height: 4 },
  extra: { word: 'behind the end', y: 0, height: 10 },
};

/** Of the picture, in its own units. */
const WIDTH = 1000;
/** A single block of a large file must still be seen. */
const LEAST_WIDTH = 2;

/** Runs that are named one by one below it. */
const NAMED = 8;

/** The blocks of an object from left to right, good and bad, as inline SVG with its key. */
export function blockStrip({ blockSize, blocks, comparedWith, runs, omitted, bad }: BlockStrip): string {
  if (blocks === 0) return '';
  const label = `${grouped(bad)} of ${count(blocks, 'block')} of ${count(blockSize, 'byte')} ${bad === 1 ? 'is' : 'are'} bad`;
  const present = [...new Set(runs.map(({ state }) => state))];
  const keys = present.map(
    (state) => `<li class="${state}">${swatch(shape(state, 0, WIDTH))}✗ ${states[state].word}</li>`,
  );
  const named = runs.slice(0, NAMED).map((run) => `${nameOf(run)} ${states[run.state].word}`);
  const more = runs.length - named.length + omitted;
  if (more > 0) named.push(`and ${count(more, 'more run')}`);
  return `<h4>Blocks</h4>
<svg class="strip" viewBox="0 0 ${WIDTH} 20" preserveAspectRatio="none" role="img" aria-label="${escapeHtml(label)}"><title>${escapeHtml(label)}</title><rect class="fine" width="${WIDTH}" height="20"/>${drawn(runs, blocks).join('')}</svg>
<ul class="key"><li class="fine">${swatch(`<rect class="fine" width="${WIDTH}" height="20"/>`)}✓ good</li>${keys.join('')}</ul>
<p>${escapeHtml(label)}, compared with ${escapeHtml(comparedWith)}.${named.length === 0 ? '' : ` <span class="dim">Blocks ${named.join(' · ')}</span>`}</p>`;
}

const swatch = (content: string): string =>
  `<svg class="swatch" viewBox="0 0 ${WIDTH} 20" preserveAspectRatio="none" aria-hidden="true">${content}</svg>`;

const nameOf = ({ from, count: length }: BlockRun): string =>
  length === 1 ? grouped(from) : `${grouped(from)}–${grouped(from + length - 1)}`;

/** Runs that would be drawn over each other are one: a strip of any file is a few hundred shapes. */
function drawn(runs: readonly BlockRun[], blocks: number): readonly string[] {
  const parts: { readonly state: BlockRun['state']; x: number; end: number; from: number; to: number; bad: number }[] =
    [];
  for (const { from, count: length, state } of runs) {
    const x = Math.min((from / blocks) * WIDTH, WIDTH - LEAST_WIDTH);
    const end = Math.max(x + LEAST_WIDTH, ((from + length) / blocks) * WIDTH);
    const last = parts.at(-1);
    if (last?.state === state && x < last.end) {
      last.end = Math.max(last.end, end);
      last.to = from + length - 1;
      last.bad += length;
    } else parts.push({ state, x, end, from, to: from + length - 1, bad: length });
  }
  return parts.map(({ state, x, end, from, to, bad }) => {
    const name = from === to ? `block ${grouped(from)}` : `blocks ${grouped(from)} to ${grouped(to)}`;
    const some = bad === to - from + 1 ? '' : `${grouped(bad)} of `;
    return shape(state, x, end - x, `${some}${name}: ${states[state].word}`);
  });
}

function shape(state: BlockRun['state'], x: number, width: number, title?: string): string {
  const { y, height } = states[state];
  const place = `x="${rounded(x)}" width="${rounded(width)}"`;
  // where there is no byte, or too many, nothing is good behind it
  const ground = state === 'differs' || state === 'zero' ? '' : `<rect class="ground" ${place} height="20"/>`;
  const told = title === undefined ? '' : `<title>${title}</title>`;
  return `<g class="${state}">${told}${ground}<rect ${place} y="${y}" height="${height}"/></g>`;
}

const rounded = (value: number): string => String(Math.round(value * 100) / 100);
