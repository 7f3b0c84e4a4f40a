import type { ImageId } from '../../shared/contract/values.ts';
import { formatCount } from '../parts/format.ts';
import { engine } from '../engine/engine.ts';
import { focusRow, revealIn } from './open.ts';
import { changeSettings, useSettings } from './settings.ts';
import { useVerify } from './verify.ts';
import { updateView, useViews } from './views.ts';
import { notify, useWorkspace } from './workspace.ts';

/** Looks at an image and goes to an entry of it. */
export async function goTo(image: ImageId, entry: number): Promise<void> {
  useWorkspace.setState({ selected: image });
  await revealIn(image, entry);
}

/** Shows the page of one bad object. */
export function showFailure(image: ImageId, entry: number): void {
  useVerify.setState({ selected: { image, entry } });
  changeSettings({ ui: { ...useSettings.getState().ui, verifySide: 'problem' } });
  useWorkspace.setState({ activity: 'verify' });
}

/** Goes to the next or previous entry that is broken or whose object is bad, from the focused one on. */
export async function goToProblem(image: ImageId, direction: 'next' | 'previous'): Promise<void> {
  const view = useViews.getState().views.get(image);
  if (!view) return;
  const reply = await engine.call('nextProblem', { view: view.state.view, entry: view.entry, direction });
  if (!reply.ok) notify('error', 'Could not look for problems', reply.error);
  else if (!reply.value) notify('info', 'There is no problem in this view.');
  else {
    const { state, row, entry } = reply.value;
    updateView(image, (before) => ({ state, version: before.version + 1 }));
    focusRow(image, row, entry);
  }
}

/** Asks where to, and lets the engine write the file's content there. */
export async function saveContent(image: ImageId, entry: number, suggestedName: string): Promise<void> {
  const reply = await window.composcope.call('saveContent', {
    image,
    entry,
    suggestedName: suggestedName.slice(0, 255),
  });
  if (!reply.ok) notify('error', `Could not save ${suggestedName}`, reply.error);
  else if (reply.value) notify('info', `Saved ${formatCount(reply.value.bytes)} bytes to ${reply.value.path}`);
}

export async function copyText(text: string): Promise<void> {
  const reply = await window.composcope.call('copyText', { text });
  if (!reply.ok) notify('error', 'Could not copy', reply.error);
}

/** Copies facts of the selected entries. */
export async function copySelected(
  image: ImageId,
  format: 'path' | 'digest' | 'redirect' | 'row' | 'json',
): Promise<void> {
  const view = useViews.getState().views.get(image);
  if (!view || view.selected.size === 0) return;
  const reply = await engine.call('describe', { image, entries: [...view.selected].toSorted((a, b) => a - b), format });
  if (reply.ok) await copyText(reply.value);
  else notify('error', 'Could not copy', reply.error);
}
