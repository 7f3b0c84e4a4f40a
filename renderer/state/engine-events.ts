import type { EngineEvents } from '../../shared/contract/engine-calls.ts';
import { useVerify } from './verify.ts';
import { receiveViewState } from './views.ts';
import { useWorkspace } from './workspace.ts';

/** What the engine tells unasked goes into the stores. */
export const onEngineEvents: EngineEvents = {
  imageChanged: (image) =>
    useWorkspace.setState(({ images }) => ({
      images: images.some((known) => known.image === image.image)
        ? images.map((known) => (known.image === image.image ? image : known))
        : [...images, image],
    })),
  storesChanged: (stores) => useWorkspace.setState({ stores }),
  rowsChanged: (image) =>
    useWorkspace.setState(({ rowVersions }) => ({
      rowVersions: new Map(rowVersions).set(image, (rowVersions.get(image) ?? 0) + 1),
    })),
  viewChanged: (state) => receiveViewState(state),
  verifyChanged: (state) => useVerify.setState({ state }),
  problemsChanged: () => useVerify.setState(({ version }) => ({ version: version + 1 })),
  job: (job) =>
    useWorkspace.setState(({ jobs }) => {
      const others = jobs.filter((known) => known.job !== job.job);
      return { jobs: job.state === 'running' ? [...others, job] : others };
    }),
};
