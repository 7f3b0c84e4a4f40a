// What is measured in the window's page, by hand of Playwright: all of it is looked at from outside of the app's code.

/** What `watchOpen` saw, times in ms since 1970. */
interface OpenSeen {
  /** The frame with the first rows has been drawn. */
  readonly rowsAt: number;
  /** From open(2) to the whole table, as the engine says. */
  readonly engineMs: number;
}

let seen: Promise<OpenSeen> | undefined;

/** Begins to wait for the first rows of an image, and for what the engine says of it. */
function watchOpen(): void {
  seen = Promise.all([firstRows(), engineTime()]).then(([rowsAt, engineMs]) => ({ rowsAt, engineMs }));
}

const openSeen = (): Promise<OpenSeen> | undefined => seen;

async function firstRows(): Promise<number> {
  await new Promise<void>((done) => {
    const observer = new MutationObserver(() => {
      if (!document.querySelector('[role=treegrid] [role=row][aria-level]')) return;
      observer.disconnect();
      done();
    });
    observer.observe(document.body, { childList: true, subtree: true, attributes: true });
  });
  // a task behind the next frame's callbacks runs when that frame has been drawn
  await new Promise(requestAnimationFrame);
  await new Promise((done) => setTimeout(done));
  return Date.now();
}

/** The engine's port is the app's own: it is caught when the next call goes out, and its messages are read along. */
function engineTime(): Promise<number> {
  return new Promise((done) => {
    const post = MessagePort.prototype.postMessage;
    MessagePort.prototype.postMessage = function (this: MessagePort, ...message: unknown[]): void {
      MessagePort.prototype.postMessage = post;
      this.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
        const found = findNumber(data, 'openedInMs');
        if (found !== undefined) done(found);
      });
      Reflect.apply(post, this, message);
    };
  });
}

/** A number by its name, wherever it is in a message. */
function findNumber(value: unknown, name: string): number | undefined {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return undefined;
  for (const [key, inner] of Object.entries(value)) {
    const found = key === name && typeof inner === 'number' ? inner : findNumber(inner, name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What was drawn between `watchFrames` and `framesSeen`. */
interface FramesSeen {
  /** ms between each two frames */
  readonly gaps: readonly number[];
  /** Frames that showed a row without its content. */
  readonly blank: number;
  /** Distance in px between where the tree was scrolled to at first and at last. */
  readonly scrolled: number;
}

let stopFrames: (() => FramesSeen) | undefined;

/** Begins to look at each frame that the page draws. */
function watchFrames(): void {
  const tree = document.querySelector('[role=treegrid]');
  if (!tree) throw new Error('there is no tree');
  const times: number[] = [];
  let blank = 0;
  const top = tree.scrollTop;
  let isOn = true;
  const frame = (time: number): void => {
    if (!isOn) return;
    times.push(time);
    // nothing is asked here that would have the page laid out once more, as its scrollTop would
    if (tree.querySelector('[aria-label=loading]')) blank += 1;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  stopFrames = () => {
    isOn = false;
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? time));
    return { gaps, blank, scrolled: Math.abs(tree.scrollTop - top) };
  };
}

const framesSeen = (): FramesSeen | undefined => stopFrames?.();

Object.assign(globalThis, { benchPage: { watchOpen, openSeen, watchFrames, framesSeen } });

export type { FramesSeen, OpenSeen };
