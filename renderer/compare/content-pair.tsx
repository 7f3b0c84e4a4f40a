import { lazy, Suspense, useEffect, useState } from 'react';
import type { ComparePair } from '../../shared/contract/compare-values.ts';
import { MAX_CONTENT } from '../../shared/contract/limits.ts';
import type { EntryDetails, Reply } from '../../shared/contract/values.ts';
import { loadBytes, type FileBytes } from '../details/content-pages.ts';
import { Failure } from '../details/failure.tsx';
import { KindBar, kindOf, type Kind } from '../details/kind-bar.tsx';
import { PictureView } from '../details/picture-view.tsx';
import { useCall } from '../engine/use-call.ts';
import { engine } from '../engine/engine.ts';
import { formatCount } from '../parts/format.ts';
import { useChoice } from '../state/settings.ts';
import type { SideName } from '../state/compare.ts';
import { HexDiff } from './hex-diff.tsx';

// CodeMirror is only loaded by those who look at a text
const TextDiff = lazy(async () => ({ default: (await import('./text-diff.tsx')).TextDiff }));

/** Larger texts are looked at as hex: a diff of them takes longer than anybody waits. */
const MAX_TEXT = 4 << 20;

interface Side {
  /** Row of the comparison that has this side. */
  readonly row: number;
  readonly file: FileBytes;
  readonly details: EntryDetails;
}

function sideOf(comparison: number, pair: ComparePair, side: SideName): Side | undefined {
  const details = pair[side];
  // what was moved has its other side in another row
  const row = pair.row[side] ? pair.row.row : (pair.row.partner?.row ?? pair.row.row);
  if (!details || !['inline', 'object', 'layer'].includes(details.content ?? '')) return undefined;
  return {
    row,
    details,
    file: {
      key: `comparison ${comparison} ${row} ${side}`,
      size: details.row.size ?? 0,
      load: (offset, length) => engine.call('compareContent', { comparison, row, side, offset, length }),
    },
  };
}

/** The contents of both sides: as text with what differs, as pictures, or as hex. */
export function ContentPair({ comparison, pair }: { readonly comparison: number; readonly pair: ComparePair }) {
  const a = sideOf(comparison, pair, 'a');
  const b = sideOf(comparison, pair, 'b');
  const [chosen, setChosen] = useState<Kind | undefined>(undefined);
  const [inline, setInline] = useChoice<boolean>('compareInline', false);
  const side: SideName = b ? 'b' : 'a';
  const shown = b ?? a;
  const first = useCall('compareContent', shown && { comparison, row: shown.row, side, offset: 0, length: 4096 });
  if (!shown) {
    const notes = [pair.a?.contentNote, pair.b?.contentNote].filter((note) => note !== undefined);
    return <p className="details-note dim">{notes.length > 0 ? notes.join(' ') : 'There is no content to compare.'}</p>;
  }
  if (first.status === 'failed') return <Failure error={first.error} />;
  if (!first.value) return <p className="details-note dim">Reading …</p>;
  const { type } = first.value;
  const natural = kindOf(type);
  const tooLarge = Math.max(a?.file.size ?? 0, b?.file.size ?? 0) > MAX_TEXT;
  const kind = chosen ?? (natural === 'text' && tooLarge ? 'hex' : natural);
  return (
    <div className="details-content">
      <div className="details-bar">
        <KindBar natural={natural} kind={kind} without={tooLarge ? 'text' : undefined} onChoose={setChosen} />
        {kind === 'text' && (
          <button type="button" className="button" aria-pressed={inline} onClick={() => setInline(!inline)}>
            {inline ? 'Side by side' : 'Inline'}
          </button>
        )}
        <span className="dim ellipsis" title={type}>
          {type} · {a ? formatCount(a.file.size) : '—'} → {b ? formatCount(b.file.size) : '—'} bytes
        </span>
      </div>
      {kind === 'text' && <TextPair a={a?.file} b={b?.file} inline={inline} />}
      {kind === 'picture' && (
        <div className="compare-pictures">
          {a && <Picture title="A" side={a} type={type} />}
          {b && <Picture title="B" side={b} type={type} />}
        </div>
      )}
      {kind === 'hex' && <HexDiff a={a?.file} b={b?.file} />}
    </div>
  );
}

function Picture({ title, side, type }: { readonly title: string; readonly side: Side; readonly type: string }) {
  return (
    <figure>
      <figcaption>{title}</figcaption>
      <PictureView file={side.file} type={type} name={`${title}: ${side.details.row.name}`} />
    </figure>
  );
}

interface TextPairProps {
  readonly a: FileBytes | undefined;
  readonly b: FileBytes | undefined;
  readonly inline: boolean;
}

const nothing: Reply<Uint8Array<ArrayBuffer>> = { ok: true, value: new Uint8Array(0) };

/** Loads both texts whole. A file that one side lacks is empty there. */
function TextPair({ a, b, inline }: TextPairProps) {
  const [loaded, setLoaded] = useState<readonly Reply<Uint8Array<ArrayBuffer>>[]>([]);
  const key = `${a?.key} ${b?.key}`;
  useEffect(() => {
    let isCurrent = true;
    const load = async (file: FileBytes | undefined) => (file ? loadBytes(file, MAX_TEXT, MAX_CONTENT) : nothing);
    void Promise.all([load(a), load(b)]).then((both) => {
      if (isCurrent) setLoaded(both);
    });
    return () => {
      isCurrent = false;
    };
    // the files are made anew with each drawing; their keys say which they are
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [key]);
  const [ofA, ofB] = loaded;
  if (!ofA || !ofB) return <p className="details-note dim">Reading …</p>;
  if (!ofA.ok) return <Failure error={ofA.error} />;
  if (!ofB.ok) return <Failure error={ofB.error} />;
  const decoder = new TextDecoder();
  return (
    <Suspense fallback={null}>
      <TextDiff a={decoder.decode(ofA.value)} b={decoder.decode(ofB.value)} names={['A', 'B']} inline={inline} />
    </Suspense>
  );
}
