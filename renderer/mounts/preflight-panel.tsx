import type { Preflight, PreflightCheck } from '../../shared/contract/mount-values.ts';
import { Fact, Facts } from '../details/attributes-tab.tsx';
import { Failure } from '../details/failure.tsx';
import type { Asked } from '../engine/use-call.ts';
import { verdictWords } from './words.ts';

/** What this system can, before anybody tries: each with what was found and what to do. */
export function PreflightPanel({ asked }: { readonly asked: Asked<Preflight> }) {
  if (asked.status === 'failed') return <Failure error={asked.error} />;
  if (!asked.value) return <p className="dim">Asking the kernel …</p>;
  const { checks, canMount, canVerify } = asked.value;
  return (
    <>
      <p className={canMount ? 'good mount-verdict' : 'bad mount-verdict'}>
        {canMount ? '✓ Nothing stands in the way of a mount.' : '✗ Something stands in the way of a mount.'}
      </p>
      <p className={canVerify ? 'good' : 'dim'}>
        {canVerify
          ? '✓ Objects can be held to their seals: verity=require.'
          : '– Objects cannot be held to their seals here: verity=require would refuse every one.'}
      </p>
      <ul className="preflight" aria-label="Preflight">
        {checks.map((check) => (
          <Check key={`${check.id} ${check.title}`} check={check} />
        ))}
      </ul>
    </>
  );
}

function Check({ check: { title, verdict, finding, advice, facts } }: { readonly check: PreflightCheck }) {
  const [glyph, word, tone] = verdictWords[verdict];
  return (
    <li>
      <span className={`preflight-verdict ${tone}`}>
        <span aria-hidden>{glyph}</span> {word}
      </span>
      <div>
        <strong className="details-break">{title}</strong> <span className="details-break">{finding}</span>
        {advice !== undefined && <p className="preflight-advice">→ {advice}</p>}
        {facts.length > 0 && (
          <details>
            <summary className="dim">Facts</summary>
            <Facts wide>
              {facts.map(({ label, value }) => (
                <Fact key={label} name={label}>
                  <span className="details-break">{value}</span>
                </Fact>
              ))}
            </Facts>
          </details>
        )}
      </div>
    </li>
  );
}
