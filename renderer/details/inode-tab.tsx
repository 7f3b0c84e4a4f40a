import type { ImageId } from '../../shared/contract/values.ts';
import { useCall } from '../engine/use-call.ts';
import { Failure } from './failure.tsx';
import { hexBytes } from './hex.ts';

const SHOWN = 16;

/** The inode as it lies on disk: each field's offset, bytes, name and meaning. */
export function InodeTab({ image, entry }: { readonly image: ImageId; readonly entry: number }) {
  const asked = useCall('fields', { image, entry });
  if (asked.status === 'failed') return <Failure error={asked.error} />;
  if (!asked.value) return null;
  return (
    <div className="details-scroll" tabIndex={0} role="region" aria-label="Fields of the inode">
      <table className="details-fields">
        <thead>
          <tr>
            <th scope="col">Offset</th>
            <th scope="col">Field</th>
            <th scope="col">Value</th>
          </tr>
        </thead>
        <tbody>
          {asked.value.map((field) => (
            <tr key={`${field.offset} ${field.name}`}>
              <td className="mono dim">{field.offset.toString(16).padStart(6, '0')}</td>
              <th scope="row" className="mono">
                {field.name}
              </th>
              <td>
                <div>{field.value}</div>
                <code className="dim details-break" title={`${field.bytes.length} bytes`}>
                  {hexBytes(field.bytes.subarray(0, SHOWN))}
                  {field.bytes.length > SHOWN && ` … (${field.bytes.length} bytes)`}
                </code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
