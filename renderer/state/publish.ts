import { checkTitle, PASSPHRASE, publishTitle } from '../../shared/contract/publish-values.ts';
import { engine } from '../engine/engine.ts';
import { openPath, openPaths } from './open.ts';
import { showPublication, sourcesOf, usePublish } from './publish-store.ts';
import { useStacks } from './stack-store.ts';
import { notify, useWorkspace } from './workspace.ts';

interface Sources {
  readonly images: readonly string[];
  readonly layers: readonly string[];
}

/** Takes what is to be published; one that is there already is there once. */
export function setPublishSources(change: Partial<Sources>): void {
  usePublish.setState(({ looks, run, images, layers }) => ({
    images: [...new Set(change.images ?? images)],
    layers: [...new Set(change.layers ?? layers)],
    looks: looks + 1,
    run: run.status === 'running' ? run : { status: 'idle' },
  }));
}

export const addImages = (paths: readonly string[]): void =>
  setPublishSources({ images: [...usePublish.getState().images, ...paths] });

/** An image as it was made, on its way to be published. */
export function publishImage(path: string): void {
  useWorkspace.setState({ activity: 'create' });
  usePublish.setState({ tab: 'publish', shown: undefined });
  addImages([path]);
}

/** Opens what was dropped or picked, and takes it: images as they are, layers as a stack; a publication is shown. */
export async function takeForPublishing(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const opened = await openPath(path);
    const { images } = useWorkspace.getState();
    const files = images.filter(({ image, kind }) => opened?.images.includes(image) === true && kind !== 'stack');
    if (files.length > 0) addImages(files.map((file) => file.path));
    const stack = useStacks.getState().stacks.find(({ image }) => opened?.images.includes(image) === true);
    if (stack !== undefined) setPublishSources({ layers: stack.layers.map((layer) => layer.path) });
  }
}

export async function pickForPublishing(what: 'file' | 'folder'): Promise<void> {
  const reply = await window.composcope.call('pickOpen', { what });
  if (reply.ok) await takeForPublishing(reply.value);
  else notify('error', 'Could not show the dialog', reply.error);
}

export async function pickFolder(): Promise<void> {
  const { folder } = usePublish.getState();
  const reply = await window.composcope.call('pickTarget', { what: 'publication', suggested: folder ?? '' });
  if (!reply.ok) notify('error', 'Could not show the dialog', reply.error);
  else if (reply.value !== undefined) {
    usePublish.setState(({ looks }) => ({ folder: reply.value, looks: looks + 1 }));
  }
}

export async function pickKey(): Promise<void> {
  const reply = await window.composcope.call('pickKey', {});
  if (!reply.ok) notify('error', 'Could not show the dialog', reply.error);
  else if (reply.value !== undefined) usePublish.setState({ key: reply.value, asksPassphrase: undefined });
}

/** Asks for certificates. @returns empty: cancelled */
async function pickCertificates(): Promise<readonly string[]> {
  const reply = await window.composcope.call('pickOpen', { what: 'certificate' });
  if (reply.ok) return reply.value;
  notify('error', 'Could not show the dialog', reply.error);
  return [];
}

export async function pickSigningCertificate(): Promise<void> {
  const [certificate] = await pickCertificates();
  if (certificate !== undefined) usePublish.setState({ certificate });
}

export async function pickCheckingCertificates(): Promise<void> {
  const certificates = await pickCertificates();
  if (certificates.length > 0) usePublish.setState({ certificates: certificates.slice(0, 16) });
}

/** @param passphrase of the key, as it was typed: it goes with this call, and is kept nowhere */
export async function startPublish(passphrase: string): Promise<void> {
  const { folder, key, certificate, checkContent, run, ...all } = usePublish.getState();
  if (run.status === 'running' || folder === undefined) return;
  const sources = sourcesOf(all);
  usePublish.setState({ run: { status: 'running', folder }, shown: undefined, asksPassphrase: undefined });
  const signing =
    key === undefined || certificate === undefined
      ? undefined
      : { key, certificate, ...(passphrase !== '' && { passphrase }) };
  const request = { sources, folder, checkContent, ...(signing && { signing }) };
  const reply = await window.composcope.call('publish', request);
  if (reply.ok) {
    if (reply.value.kind === 'published') {
      showPublication(folder);
      usePublish.setState({ certificates: signing === undefined ? [] : [signing.certificate], compares: true });
    }
    usePublish.setState({ run: { status: 'ended', folder, outcome: reply.value } });
  } else if (reply.error.code === 'cancelled') {
    usePublish.setState({ run: { status: 'idle' } });
    notify('info', 'Nothing was published: cancelled. The folder is as it was before.');
  } else if (reply.error.code === PASSPHRASE) {
    const says = passphrase === '' ? 'The key is encrypted.' : 'That is not the passphrase of the key.';
    usePublish.setState({ run: { status: 'idle' }, asksPassphrase: says });
  } else usePublish.setState({ run: { status: 'failed', folder, error: reply.error } });
}

/** Reads all of the publication that is shown. */
export async function checkShown(): Promise<void> {
  const { shown, certificates, compares, check, ...all } = usePublish.getState();
  if (shown === undefined || check.status === 'running') return;
  const sources = sourcesOf(all);
  const hasSources = sources.images.length + sources.layers.length > 0;
  usePublish.setState({ check: { status: 'running' } });
  const reply = await engine.call('checkPublication', {
    folder: shown,
    certificates: [...certificates],
    ...(compares && hasSources && { sources }),
  });
  if (usePublish.getState().shown !== shown) return; // another one is looked at
  if (reply.ok) usePublish.setState({ check: { status: 'ended', verdict: reply.value } });
  else if (reply.error.code === 'cancelled') usePublish.setState({ check: { status: 'idle' } });
  else usePublish.setState({ check: { status: 'failed', error: reply.error } });
}

/** The job of a run, or a check, that is under way. */
export const usePublishJob = (what: 'run' | 'check') => {
  const { run, check, shown } = usePublish();
  const title =
    what === 'run'
      ? run.status === 'running' && publishTitle(run.folder)
      : check.status === 'running' && checkTitle(shown ?? '');
  return useWorkspace(({ jobs }) => jobs.find((job) => job.title === title));
};

/** Opens a published image, to look into it. */
export async function openPublished(path: string): Promise<void> {
  await openPaths([path]);
  const opened = useWorkspace.getState().images.find((image) => image.path === path);
  if (opened !== undefined) useWorkspace.setState({ activity: 'explore', selected: opened.image });
}
