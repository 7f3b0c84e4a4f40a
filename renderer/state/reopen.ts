import type { StackInfo } from '../../shared/contract/layer-values.ts';
import type { ImageId, Sort, WireError } from '../../shared/contract/values.ts';
import { engine } from '../engine/engine.ts';
import { forgetComparison } from './compare.ts';
import { ensureView, refreshWorkspace, revealIn } from './open.ts';
import { reopenStack } from './reopen-stack.ts';
import { useSettings } from './settings.ts';
import { useStacks } from './stack-store.ts';
import { setHidden } from './stacks.ts';
import { useViews } from './views.ts';
import { notify, useWorkspace } from './workspace.ts';

/** An image, or a stack, that was open. */
interface RememberedImage {
  readonly path: string;
  /** What it was made of, where it is a stack. */
  readonly stack: StackInfo | undefined;
  readonly view:
    { readonly filter: string; readonly sort: Sort; readonly entry: number; readonly showsHidden: boolean } | undefined;
  readonly isSelected: boolean;
}

/** What was open when the engine went, so that a new one can open it again. */
interface Remembered {
  readonly images: readonly RememberedImage[];
  readonly stores: readonly string[];
}

let remembered: Remembered | undefined;

/** The engine ended: its ids mean nothing any more. What was open is noted down. */
export function forgetEngine(why: string): void {
  const { images, stores, selected } = useWorkspace.getState();
  const { stacks } = useStacks.getState();
  const { views } = useViews.getState();
  // an engine that dies again before all was reopened must not make us forget the rest
  remembered ??= {
    images: images.map(({ image, path }) => {
      const view = views.get(image);
      return {
        path,
        stack: stacks.find((stack) => stack.image === image),
        view: view && {
          filter: view.state.filter,
          sort: view.state.sort,
          entry: view.entry,
          showsHidden: view.state.showsHidden,
        },
        isSelected: image === selected,
      };
    }),
    stores: stores.filter(({ automatic }) => !automatic).map(({ path }) => path),
  };
  forgetComparison();
  useWorkspace.setState({ engineGone: why, jobs: [], opening: [] });
}

type Failure = readonly [path: string, error: WireError];

/** What came of opening it again; `gone`: the engine died again. */
async function openAgain(
  { path, stack }: RememberedImage,
  known: ReadonlySet<ImageId>,
): Promise<'gone' | { readonly image: ImageId | undefined; readonly failures: readonly Failure[] }> {
  const reply = stack === undefined ? await engine.call('open', { path }) : await reopenStack(stack);
  if (!reply.ok)
    return reply.error.code === 'engine-gone' ? 'gone' : { image: undefined, failures: [[path, reply.error]] };
  if ('failures' in reply.value) return reply.value;
  return { image: reply.value.images.find((image) => !known.has(image)), failures: [] };
}

/** A new engine is there: opens again what was open, with filter, sorting and place. */
export async function reopenAll(): Promise<void> {
  const before = remembered;
  if (!before) return;
  useWorkspace.setState({ images: [], stores: [], selected: undefined });
  useStacks.setState({ stacks: [] });
  useViews.setState({ views: new Map() });
  const failures: Failure[] = [];
  for (const path of before.stores) {
    const reply = await engine.call('attachStore', { path });
    if (reply.ok) continue;
    if (reply.error.code === 'engine-gone') return; // it died again: the next one starts over
    failures.push([path, reply.error]);
  }
  const opened = new Map<ImageId, RememberedImage>();
  for (const image of before.images) {
    const again = await openAgain(image, new Set(opened.keys()));
    if (again === 'gone') return;
    failures.push(...again.failures);
    if (again.image !== undefined) opened.set(again.image, image);
  }
  remembered = undefined;
  await refreshWorkspace();
  useWorkspace.setState({ engineGone: undefined });
  for (const [path, error] of failures) notify('error', `Could not open ${path} again`, error);
  const { images } = useWorkspace.getState();
  for (const { image } of images) {
    const view = opened.get(image)?.view;
    await ensureView(image, view?.filter ?? '', view?.sort ?? useSettings.getState().sort);
    if (view?.showsHidden === true) await setHidden(image, true);
    // the same image has the same rows
    if (view && view.entry > 0) await revealIn(image, view.entry);
  }
  const looked = images.find(({ image }) => opened.get(image)?.isSelected);
  useWorkspace.setState({ selected: (looked ?? images[0])?.image });
}
