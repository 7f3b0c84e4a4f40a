import type { XattrValue } from '../../shared/contract/values.ts';
import { asciiBytes, hexBytes } from './hex.ts';

/** Each attribute as a mount shows it, decoded where we know it, with its raw name and bytes on demand. */
export function XattrList({ xattrs }: { readonly xattrs: readonly XattrValue[] }) {
  return (
    <ul className="details-xattrs">
      {xattrs.map((xattr) => (
        <li key={`${xattr.offset} ${xattr.name}`}>
          <details>
            <summary>
              <code className={xattr.effectiveName === undefined ? 'dim' : ''}>
                {xattr.effectiveName ?? xattr.name}
              </code>
              {xattr.effectiveName === undefined && <span className="details-tag">hidden in a mount</span>}
              <span className="details-value">{xattr.decoded ?? asciiBytes(xattr.value)}</span>
            </summary>
            <dl className="details-facts">
              {xattr.effectiveName !== xattr.name && (
                <>
                  <dt>Raw name</dt>
                  <dd>
                    <code className="details-break">{xattr.name}</code>
                  </dd>
                </>
              )}
              <dt>Stored</dt>
              <dd>
                {xattr.storage === 'shared' ? 'in the shared area' : 'with the inode'}, offset {xattr.offset}
              </dd>
              <dt>Bytes</dt>
              <dd>
                {xattr.valueLength === 0 ? (
                  <span className="dim">none: an empty value</span>
                ) : (
                  <code className="details-break">
                    {hexBytes(xattr.value)}
                    {xattr.valueLength > xattr.value.length && ` … of ${xattr.valueLength}`}
                  </code>
                )}
              </dd>
            </dl>
          </details>
        </li>
      ))}
    </ul>
  );
}
