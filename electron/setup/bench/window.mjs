import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { _electron } from 'playwright';
import { inRoot, root } from '../paths.mjs';
import { start } from '../run.mjs';
import { SetupError } from '../say.mjs';
import { pageWork } from './bundle.mjs';
import { inTurns } from './measure.mjs';

/** @typedef {import('./statistics.mjs').Row} Row */
/** @typedef {import('./benchmarks.mjs').Context} Context */

/** In this time a window that was started, and its engine, come to rest. */
const REST_MS = 2000;
/** A window that is not there by then does not come. */
const START_LIMIT_MS = 60_000;
/** A frame that took longer is one that the eye misses. */
const SLOW_FRAME_MS = 33;
/** As fast as a wheel is turned by somebody who looks for something: 140 rows a second. */
const WHEEL = { distance: 16_000, speed: 4000 };
/** The head of the table lies above where the bar is. */
const HEAD_PX = 30;
/** Steps of the mouse that drags the scroll bar from one end to the other, and the time between them. */
const DRAG = { steps: 120, everyMs: 16 };

/** Holds `ready` back until Playwright is attached, which else now and then misses the window (e2e/app.ts). */
const loader = join(
  dirname(createRequire(inRoot('node_modules/playwright/package.json')).resolve('playwright-core')),
  'lib/server/electron/loader.js',
);

/** Chromium's sandbox does not start for root. */
const flags = process.getuid?.() === 0 ? ['--no-sandbox'] : [];

/** From the start of the process to the first content of a window that is shown, against the least app. @param {Omit<Context, 'image'>} context @returns {Promise<Row[]>} */
export async function benchEmptyWindow({ electron, runs }) {
  const ours = inRoot('build/main/main.mjs');
  const bare = inRoot('electron/setup/bench/start-app/bare.mjs');
  return withFolder((folder) => {
    const timeOurs = () => startTime(electron, join(folder, 'ours'), ours);
    const timeBare = () => startTime(electron, join(folder, 'bare'), bare);
    return inTurns(1, timeOurs, timeBare) // leaves a profile with its caches, as there is at any later start
      .then(() => inTurns(runs, timeOurs, timeBare))
      .then((samples) => [
        {
          what: 'start to an empty window / bare Electron',
          entries: undefined,
          unit: 'ms',
          ...samples,
          target: { kind: 'ratio', value: 1.5 },
        },
      ]);
  });
}

/** @param {string} electron @param {string} profile @param {string} main script of the app @returns {Promise<number>} ms */
function startTime(electron, profile, main) {
  return new Promise((done, fail) => {
    const from = Date.now();
    const app = start(
      electron,
      [...flags, `--user-data-dir=${profile}`, inRoot('electron/setup/bench/start-app'), '--'],
      {
        env: { ...process.env, COMPOSCOPE_BENCH_MAIN: main },
        stdio: ['ignore', 'pipe', 'ignore'],
        timeout: START_LIMIT_MS,
      },
    );
    let text = '';
    app.stdout?.setEncoding('utf8').on('data', (part) => (text += part));
    app.once('error', fail);
    app.once('close', () => {
      const at = /^\{"at":([\d.]+)\}$/m.exec(text)?.[1];
      if (at === undefined) fail(new SetupError(`${electron} showed no window of ${main}`));
      else done(Number(at) - from);
    });
  });
}

/** From the wish to open an image until its first rows are drawn, in the app at rest, against what its engine needs of it. @param {Context} context @returns {Promise<Row[]>} */
export async function benchFirstRows({ electron, image, runs }) {
  const ours = [];
  const peer = [];
  for (let index = 0; index < runs; index += 1) {
    const { rows, engine } = await withApp(electron, [], async ({ app, page }) => {
      await setTimeout(REST_MS);
      await page.evaluate('benchPage.watchOpen()');
      const from = await app.evaluate((modules, path) => {
        const now = Date.now();
        modules.app.emit('open-file', { preventDefault: () => undefined }, path);
        return now;
      }, image.path);
      const seen = await page.evaluate('benchPage.openSeen()');
      const { rowsAt, engineMs } = /** @type {{ rowsAt: number, engineMs: number }} */ (seen);
      return { rows: rowsAt - from, engine: engineMs };
    });
    ours.push(rows);
    peer.push(engine);
  }
  return [
    {
      what: 'window: open to first rows / engine alone',
      entries: image.entries,
      unit: 'ms',
      ours,
      peer,
      target: { kind: 'ratio', value: 1.5 },
    },
  ];
}

/**
 * Frames of the whole tree, expanded, drawn in software.
 *
 * @param {string} how
 * @param {(page: import('playwright').Page, box: Box, isDown: boolean) => Promise<void>} gesture
 * @param {import('./statistics.mjs').Target} [target]
 */
const benchFrames =
  (how, gesture, target) =>
  /** @param {Context} context @returns {Promise<Row[]>} */
  ({ electron, image: { entries, path }, runs }) =>
    withApp(electron, [path], async ({ page }) => {
      const tree = page.getByRole('treegrid');
      await tree.getByRole('row').nth(1).click({ button: 'right' });
      await page.getByRole('menuitem', { name: 'Expand all below' }).click();
      await page.locator(`[role=treegrid][aria-rowcount="${entries + 1}"]`).waitFor();
      await setTimeout(REST_MS);
      const box = await tree.boundingBox();
      if (box === null) throw new Error('the tree is not on the screen');
      const quick = [];
      const whole = [];
      for (let index = 0; index < runs; index += 1) {
        await page.evaluate('benchPage.watchFrames()');
        await gesture(page, box, index % 2 === 0);
        const seen = await page.evaluate('benchPage.framesSeen()');
        const { gaps, blank, scrolled } = /** @type {{ gaps: number[], blank: number, scrolled: number }} */ (seen);
        if (scrolled < box.height) throw new SetupError(`${how} moved the tree by ${scrolled} px`);
        quick.push((gaps.filter((ms) => ms < SLOW_FRAME_MS).length / gaps.length) * 100);
        whole.push((1 - blank / (gaps.length + 1)) * 100);
      }
      return [
        {
          what: `frames under ${SLOW_FRAME_MS} ms, ${how}`,
          entries,
          unit: '%',
          ours: quick,
          ...(target && { target }),
        },
        { what: '… with all of their rows', entries, unit: '%', ours: whole },
      ];
    });

/** @typedef {{ x: number, y: number, width: number, height: number }} Box */

/** @param {import('playwright').Page} page @param {Box} box of the tree @param {boolean} isDown */
async function turnWheel(page, box, isDown) {
  const protocol = await page.context().newCDPSession(page);
  await protocol.send('Input.synthesizeScrollGesture', {
    x: box.x + box.width / 2,
    y: box.y + box.height / 2,
    yDistance: isDown ? -WHEEL.distance : WHEEL.distance,
    speed: WHEEL.speed,
    gestureSourceType: 'mouse',
  });
  await protocol.detach();
}

/** @param {import('playwright').Page} page @param {Box} box of the tree @param {boolean} isDown */
async function dragBar(page, box, isDown) {
  const x = box.x + box.width - 5;
  const top = box.y + HEAD_PX + 8;
  const bottom = box.y + box.height - 20;
  const at = (/** @type {number} */ part) => (isDown ? top + (bottom - top) * part : bottom - (bottom - top) * part);
  await page.mouse.move(x, at(0));
  await page.mouse.down();
  for (let step = 1; step <= DRAG.steps; step += 1) {
    await page.mouse.move(x, at(step / DRAG.steps));
    await setTimeout(DRAG.everyMs);
  }
  await page.mouse.up();
}

export const benchWheel = benchFrames('turning the wheel', turnWheel, { kind: 'least', value: 95 });
/** No target: each step shows other rows, thousands away, and waits for them; nobody reads along. */
export const benchDrag = benchFrames('dragging the bar', dragBar);

/**
 * Starts the app, with a profile of its own and drawing in software, and ends it after the work.
 *
 * @template T
 * @param {string} electron
 * @param {readonly string[]} paths to open
 * @param {(running: { app: import('playwright').ElectronApplication, page: import('playwright').Page }) => Promise<T>} work
 */
function withApp(electron, paths, work) {
  return withFolder(async (profile) => {
    const app = await _electron.launch({
      executablePath: electron,
      args: ['-r', loader, ...flags, '--disable-gpu', `--user-data-dir=${profile}`, root, '--', ...paths],
    });
    try {
      const page = await app.firstWindow();
      await page.waitForLoadState();
      await page.evaluate(readFileSync(pageWork, 'utf8'));
      return await work({ app, page });
    } finally {
      await app.close();
    }
  });
}

/** @template T @param {(folder: string) => Promise<T>} work */
async function withFolder(work) {
  const folder = mkdtempSync(join(tmpdir(), 'composcope-bench-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
