// Runs another app's main script, and prints when the first window of it is on the screen with its first content; then
// ends. The same for any app: nothing of it is changed, and no debugger is attached.
import { app } from 'electron';

/** Gives the time at which the page first painted text or a picture, in ms since 1970. */
const PAINTED = `new Promise((done) => {
  new PerformanceObserver((list) => {
    for (const { name, startTime } of list.getEntries())
      if (name === 'first-contentful-paint') done(performance.timeOrigin + startTime);
  }).observe({ type: 'paint', buffered: true });
})`;

app.once('browser-window-created', (_event, window) => {
  const shown = new Promise((done) => {
    window.once('show', () => done(Date.now()));
  });
  window.webContents.once('dom-ready', async () => {
    const paintedAt = await window.webContents.executeJavaScript(PAINTED);
    const shownAt = window.isVisible() ? paintedAt : await shown;
    process.stdout.write(`\n${JSON.stringify({ at: Math.max(paintedAt, shownAt) })}\n`, () => app.exit(0));
  });
});

await import(process.env['COMPOSCOPE_BENCH_MAIN'] ?? './bare.mjs');
