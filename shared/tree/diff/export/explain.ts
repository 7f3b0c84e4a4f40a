import { withoutControls } from '../../../verity/explain/words.ts';
import type { CompareReport } from './report.ts';

const at = (offset: number | undefined): string => (offset === undefined ? '' : ` (at ${offset})`);

/** Why the two differ: a paragraph for each cause, then how the files themselves differ. */
export function* explainReport({ explanation }: CompareReport): Generator<string, void, void> {
  if (explanation === undefined) return;
  const { headline, proof, causes, format, artefacts } = explanation;
  yield `${headline}\n`;
  if (proof !== undefined) yield `${proof}\n`;
  for (const { id, title, confidence, sentence, examples, rule, knownFrom, advice } of causes) {
    const isKnown = id !== 'unexplained';
    yield `\n${isKnown ? `${id} ` : ''}${title}${isKnown ? ` (${confidence})` : ''}\n  ${inOneLine(sentence)}\n`;
    for (const { path, what } of examples) yield `    ${path}  ${inOneLine(what)}\n`;
    if (rule !== '') yield `  Recognised by: ${rule}\n`;
    if (knownFrom !== '') yield `  Known from: ${knownFrom}\n`;
    if (advice !== '') yield `  What to do: ${advice}\n`;
  }
  if (artefacts.length > 0) yield '\nWhat a text diff of the dumps shows, and is no difference\n';
  for (const sentence of artefacts) yield `  ${inOneLine(sentence)}\n`;
  if (format.length === 0) return;
  yield '\nHow the image files differ\n';
  for (const { structure, field, a, b, offsetA, offsetB } of format) {
    yield `  ${structure}, ${field}: ${inOneLine(a)}${at(offsetA)} → ${inOneLine(b)}${at(offsetB)}\n`;
  }
}

const inOneLine = (text: string): string => withoutControls(text, '?');
