import { useState } from 'react';
import type { ImageInfo } from '../../shared/contract/values.ts';
import type { DigestFinding } from '../../shared/contract/verify-values.ts';
import { meaningOf, type MessageMeaning } from '../../shared/verity/known-messages.ts';
import { parseDigest } from '../../shared/verity/parse-digest.ts';
import { engine } from '../engine/engine.ts';
import { changeSettings, useSettings } from '../state/settings.ts';
import { notify } from '../state/workspace.ts';
import { Fact, Facts } from './attributes-tab.tsx';
import { ImageSearch } from './digest-search.tsx';

/** The digest that the image should have, and a signature over it: what was found, and where to say it. */
export function Expected({ image }: { readonly image: ImageInfo }) {
  const { expected, digest, digestProblems } = image;
  const [text, setText] = useState('');
  const [fault, setFault] = useState<string | undefined>(undefined);
  /** A message without a digest. */
  const [pasted, setPasted] = useState<MessageMeaning | undefined>(undefined);
  const message = pasted ?? (expected?.digest === digest ? undefined : meaningOf(expected?.text ?? ''));
  const say = async (digestText: string): Promise<void> => {
    const found = meaningOf(digestText);
    const isMessage = found !== undefined && 'fault' in parseDigest(digestText);
    setPasted(isMessage ? found : undefined);
    if (isMessage) {
      setFault(undefined);
      setText('');
      return;
    }
    const reply = await engine.call('expectDigest', { image: image.image, text: digestText });
    setFault(reply.ok ? undefined : reply.error.message);
    if (!reply.ok) return;
    setText('');
    rememberExpected(image.path, digestText);
  };
  return (
    <section aria-label="Expected digest">
      <h3>Expected digest</h3>
      {expected && (
        <p className={digest === undefined ? '' : expected.digest === digest ? 'good' : 'bad'}>
          {digest !== undefined && (expected.digest === digest ? '✓ As expected' : '✗ Another one than expected')} (
          {expected.source}
          {expected.optional && ', optional'})
          {expected.digest !== digest && (
            <>
              : <code className="details-break">{expected.digest}</code>
            </>
          )}
        </p>
      )}
      {message && <WhatItMeans message={message} />}
      {image.digestFinding && <WhatItIs finding={image.digestFinding} />}
      {expected && digest !== undefined && expected.digest !== digest && isOpen(image.digestFinding) && (
        <ImageSearch key={`${image.image} ${expected.digest}`} image={image.image} digest={expected.digest} />
      )}
      {digestProblems.map((problem) => (
        <p key={problem} className="details-warning">
          ⚠ {problem}
        </p>
      ))}
      <form
        className="details-expected"
        onSubmit={(event) => {
          event.preventDefault();
          void say(text);
        }}
      >
        <input
          type="text"
          className="mono"
          aria-label="Expected image digest"
          placeholder="Type or paste it: hex, composefs=…, a message"
          aria-invalid={fault !== undefined}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <button type="submit" className="button" disabled={text.trim() === ''}>
          Compare
        </button>
        {expected?.source === 'typed' && (
          <button type="button" className="button" onClick={() => void say('')}>
            Forget it
          </button>
        )}
      </form>
      {fault !== undefined && (
        <p className="bad" role="alert">
          {fault}
        </p>
      )}
      <Signature image={image} />
    </section>
  );
}

/** Whether it is left open what an expected digest is of. */
const isOpen = (finding: DigestFinding | undefined): boolean =>
  finding !== undefined && finding.certainty !== 'certain';

/** Of a message that was pasted. */
function WhatItMeans({ message: { meaning, advice } }: { readonly message: MessageMeaning }) {
  return (
    <div role="status" aria-label="What the message means">
      <p>{meaning}</p>
      <p className="dim">→ {advice}</p>
    </div>
  );
}

/** Of a digest that is not the image's: what it is of, and what to do. */
function WhatItIs({ finding: { sentence, where, advice } }: { readonly finding: DigestFinding }) {
  return (
    <div role="status">
      <p>{sentence}</p>
      {where !== undefined && (
        <p>
          <code className="details-break">{where}</code>
        </p>
      )}
      <p className="dim">→ {advice}</p>
    </div>
  );
}

/** What was typed is remembered for the next time, by the image's path; empty: nothing. */
function rememberExpected(path: string, text: string): void {
  const { [path]: _, ...others } = useSettings.getState().expected;
  changeSettings({ expected: text === '' ? others : { ...others, [path]: shortened(text.trim()) } });
}

/** As much of it as is kept: of a long message, the digest. */
function shortened(text: string): string {
  const parsed = parseDigest(text);
  return text.length <= 256 || 'fault' in parsed ? text.slice(0, 256) : `${parsed.optional ? '?' : ''}${parsed.digest}`;
}

async function checkSignature(image: number): Promise<void> {
  const signature = await window.composcope.call('pickOpen', { what: 'signature' });
  const [path] = signature.ok ? signature.value : [];
  if (path === undefined) return;
  const certificates = await window.composcope.call('pickOpen', { what: 'certificate' });
  if (!certificates.ok || certificates.value.length === 0) return;
  const reply = await engine.call('checkSignature', { image, signature: path, certificates: [...certificates.value] });
  if (!reply.ok) notify('error', 'Could not check the signature', reply.error);
}

function Signature({ image }: { readonly image: ImageInfo }) {
  const { signature } = image;
  return (
    <>
      <button
        type="button"
        className="button"
        disabled={image.digest === undefined}
        onClick={() => void checkSignature(image.image)}
      >
        Check a signature…
      </button>
      {signature && (
        <>
          <p className={signature.verdict === 'good' ? 'good' : 'bad'}>
            {signature.verdict === 'good' ? '✓' : '✗'} {signature.sentence}
          </p>
          <Facts wide>
            <Fact name="Signature">{signature.path}</Fact>
            {signature.signer && (
              <>
                <Fact name="Signer">{signature.signer.subject}</Fact>
                <Fact name="Issuer">{signature.signer.issuer}</Fact>
                <Fact name="Serial number">{signature.signer.serial}</Fact>
                <Fact name="Valid">
                  {signature.signer.notBefore.slice(0, 10)} to {signature.signer.notAfter.slice(0, 10)}
                  {signature.signer.isValidNow ? '' : ': not now'}
                </Fact>
              </>
            )}
            {signature.chain.length > 1 && <Fact name="Chain">{signature.chain.join(' ← ')}</Fact>}
            {signature.signedDigest !== undefined && (
              <Fact name="Signed digest">
                <code className="details-break">{signature.signedDigest}</code>
              </Fact>
            )}
          </Facts>
        </>
      )}
    </>
  );
}
