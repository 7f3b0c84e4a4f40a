import { Tabs } from '@base-ui/react/tabs';
import { PublishTab } from '../publish/publish-tab.tsx';
import { addSources, useCreate } from '../state/create.ts';
import { createTabs, usePublish, type CreateTab } from '../state/publish-store.ts';
import { ContentsPanel } from './contents-panel.tsx';
import { CreateForm } from './create-form.tsx';
import { FormAndContents } from './form-and-contents.tsx';
import { RunPanel } from './run-panel.tsx';
import '../details/details.css';
import '../verify/verify.css';
import '../mounts/mounts.css';
import './create.css';

const tabNames: Readonly<Record<CreateTab, string>> = { image: 'Make an image', publish: 'Publish' };

/** Create: an image is made, and images are published. */
export function CreateView() {
  const tab = usePublish((state) => state.tab);
  return (
    <Tabs.Root
      className="create-tabs"
      value={tab}
      onValueChange={(value: string) =>
        usePublish.setState({ tab: createTabs.find((one) => one === value) ?? 'image' })
      }
    >
      <Tabs.List className="details-tabs" aria-label="What to create">
        {createTabs.map((one) => (
          <Tabs.Tab key={one} value={one} className="details-tab">
            {tabNames[one]}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <Tabs.Panel value="image" className="create-tab-panel">
        <ImageTab />
      </Tabs.Panel>
      <Tabs.Panel value="publish" className="create-tab-panel">
        <PublishTab />
      </Tabs.Panel>
    </Tabs.Root>
  );
}

function ImageTab() {
  const { sources, run } = useCreate();
  return (
    <FormAndContents form={<CreateForm />} onDropPaths={addSources}>
      {run.status !== 'idle' && <RunPanel run={run} />}
      {sources.length === 0 ? <Empty /> : <ContentsPanel sources={sources} />}
    </FormAndContents>
  );
}

function Empty() {
  return (
    <div className="create-empty">
      <h2>What is the image to be made of?</h2>
      <p className="dim">
        Drop a folder, a tar, a container image or images here. Several are layers, merged as the kernel shows them. The
        image is the one that mkcomposefs makes, byte for byte; format 2 is that of composefs-rs.
      </p>
    </div>
  );
}
