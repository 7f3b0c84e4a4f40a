import { FormAndContents } from '../create/form-and-contents.tsx';
import { takeForPublishing } from '../state/publish.ts';
import { usePublish } from '../state/publish-store.ts';
import { PublicationPanel } from './publication-panel.tsx';
import { PublishForm } from './publish-form.tsx';
import { PublishRunPanel } from './publish-run-panel.tsx';
import { PublishSummaryPanel } from './publish-summary-panel.tsx';
import './publish.css';

/** Publish: what, where to and how on the left; on the right what it will contain, how it goes, and what was published. */
export function PublishTab() {
  const { images, layers, run, shown } = usePublish();
  const hasSources = images.length + layers.length > 0;
  return (
    <FormAndContents form={<PublishForm />} onDropPaths={(paths) => void takeForPublishing(paths)}>
      {run.status !== 'idle' && <PublishRunPanel run={run} />}
      {shown !== undefined && <PublicationPanel key={shown} folder={shown} />}
      {shown === undefined && run.status !== 'running' && (hasSources ? <PublishSummaryPanel /> : <Empty />)}
    </FormAndContents>
  );
}

function Empty() {
  return (
    <div className="create-empty">
      <h2>What is to be published?</h2>
      <p className="dim">
        Drop images here, or layers: of those an image of each is made, and one of all. They are written into a folder
        that can be served as it is, with their objects and a manifest that says what who must fetch. Drop a folder that
        was published to look at it and to check it.
      </p>
    </div>
  );
}
