import { Tabs } from '@base-ui/react/tabs';
import type { ImageInfo } from '../../shared/contract/values.ts';
import { useCall } from '../engine/use-call.ts';
import { useChoice, type DetailsTab } from '../state/settings.ts';
import { useRowVersion } from '../state/workspace.ts';
import { AttributesTab } from './attributes-tab.tsx';
import { ContentTab } from './content-tab.tsx';
import { Failure } from './failure.tsx';
import { ImageTab } from './image-tab.tsx';
import { InodeTab } from './inode-tab.tsx';
import { WhereUsedTab } from './where-used-tab.tsx';
import './details.css';

const tabs: readonly (readonly [DetailsTab, string])[] = [
  ['attributes', 'Attributes'],
  ['content', 'Content'],
  ['inode', 'Raw inode'],
  ['where-used', 'Where used'],
  ['image', 'Image'],
];

export interface DetailsPaneProps {
  readonly info: ImageInfo;
  readonly entry: number;
}

/** All that is known of one entry, and of its image. What was shown before stays until the new entry's facts are there. */
export function DetailsPane({ info, entry }: DetailsPaneProps) {
  const { image } = info;
  const [tab, setTab] = useChoice<string>('detailsTab', 'attributes');
  const asked = useCall('details', { image, entry }, useRowVersion(image));
  const details = asked.value;
  return (
    <Tabs.Root className="details" value={tab} onValueChange={(value: string) => setTab(value)}>
      <Tabs.List className="details-tabs" aria-label="Details">
        {tabs.map(([id, title]) => (
          <Tabs.Tab key={id} value={id} className="details-tab">
            {title}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {asked.status === 'failed' && <Failure error={asked.error} />}
      <Tabs.Panel value="attributes" className="details-panel">
        {details && <AttributesTab details={details} />}
      </Tabs.Panel>
      <Tabs.Panel value="content" className="details-panel">
        {details && <ContentTab key={`${details.image}:${details.row.entry}`} details={details} />}
      </Tabs.Panel>
      <Tabs.Panel value="inode" className="details-panel">
        <InodeTab image={image} entry={entry} />
      </Tabs.Panel>
      <Tabs.Panel value="where-used" className="details-panel">
        <WhereUsedTab image={image} entry={entry} />
      </Tabs.Panel>
      <Tabs.Panel value="image" className="details-panel">
        <ImageTab image={info} />
      </Tabs.Panel>
    </Tabs.Root>
  );
}
