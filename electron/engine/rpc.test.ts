import { MessageChannel } from 'node:worker_threads';
import { createBirpc } from 'birpc';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { EngineEvents } from '../../shared/contract/engine-calls.ts';
import type { Reply } from '../../shared/contract/values.ts';
import { servePage } from './rpc.ts';
import type { Connection, EngineSide } from './rpc.ts';
import { openLab } from './testing/lab.ts';
import type { Lab } from './testing/lab.ts';

let lab: Lab;
let channel: MessageChannel;
let connection: Connection;
let heard: unknown[];
let call: (name: unknown, request: unknown) => Promise<Reply<unknown>>;

beforeEach(async () => {
  lab = await openLab();
  channel = new MessageChannel();
  const { port1, port2 } = channel;
  connection = servePage(
    {
      post: (message) => port1.postMessage(message),
      listen: (listener) => void port1.on('message', listener),
      close: () => port1.close(),
    },
    lab.handlers,
  );
  heard = [];
  const page: EngineEvents = {
    imageChanged: (...values) => heard.push(['imageChanged', ...values]),
    storesChanged: (...values) => heard.push(['storesChanged', ...values]),
    rowsChanged: (...values) => heard.push(['rowsChanged', ...values]),
    viewChanged: (...values) => heard.push(['viewChanged', ...values]),
    job: (...values) => heard.push(['job', ...values]),
    verifyChanged: (...values) => heard.push(['verifyChanged', ...values]),
    problemsChanged: () => heard.push(['problemsChanged']),
  };
  const engine = createBirpc<EngineSide, EngineEvents>(page, {
    post: (message) => port2.postMessage(message),
    on: (listener) => void port2.on('message', listener),
    timeout: 5000,
  });
  call = (name, request) => engine.call(name, request);
});

afterEach(async () => {
  connection.close();
  channel.port2.close();
  await lab.close();
});

test('a call goes over the port and its answer comes back as data', async () => {
  const opened = await call('open', { path: lab.image });
  expect(opened).toEqual({ ok: true, value: { images: [0], stores: [], notes: [] } });
  const view = await call('createView', {
    image: 0,
    filter: '',
    sort: { column: 'name', descending: false },
    showStubs: false,
  });
  expect(view).toMatchObject({ ok: true, value: { view: 0, image: 0, total: 7 } });
});

test.each([
  ['an unknown call', 'format', {}],
  ['a name from the prototype', 'constructor', {}],
  ['another one', '__proto__', {}],
  ['a name that is no text', ['open'], { path: '/' }],
  ['a missing field', 'open', {}],
  ['a field too many', 'closeImage', { image: 0, extra: 1 }],
  ['a path with a NUL', 'open', { path: '/a\0b' }],
  ['too many rows', 'rows', { view: 0, from: 0, to: 1001 }],
  ['rows backwards', 'rows', { view: 0, from: 5, to: 4 }],
  ['a negative id', 'closeImage', { image: -1 }],
  ['an id that is not whole', 'closeImage', { image: 0.5 }],
  ['an id that is no number', 'closeImage', { image: Number.NaN }],
  ['an offset that is not whole', 'content', { image: 0, entry: 0, offset: 0.5, length: 1 }],
  ['an offset beyond all files', 'content', { image: 0, entry: 0, offset: 1e300, length: 1 }],
  ['an unknown image', 'problems', { image: 7 }],
  ['an unknown view', 'rows', { view: 7, from: 0, to: 1 }],
  ['an unknown store', 'detachStore', { store: 7 }],
  ['no request at all', 'open', undefined],
])('%s is refused as an error, not a crash', async (_name, name, request) => {
  expect(await call(name, request)).toMatchObject({ ok: false, error: { code: 'invalid-request' } });
  expect(await call('workspace', {})).toEqual({ ok: true, value: { images: [], stacks: [], stores: [] } });
});

test.each([
  null,
  'text',
  7,
  [],
  {},
  { t: 'q' },
  { t: 'q', i: 'x', m: 'toString', a: [] },
  { t: 'q', i: 'x', m: 'call', a: ['workspace'] },
  { t: 'q', m: 'call', a: ['workspace', {}] },
  { t: 's', i: 'x', r: 1 },
  { t: 'q', i: 'x', m: 'call', a: { length: 2 } },
])('a message that is no call is dropped, and the next one answered: %j', async (message) => {
  channel.port2.postMessage(message);
  expect(await call('workspace', {})).toMatchObject({ ok: true });
});

test('an error says what, in which file', async () => {
  expect(await call('open', { path: `${lab.folder}/absent.cfs` })).toMatchObject({
    ok: false,
    error: { code: 'ENOENT', file: `${lab.folder}/absent.cfs` },
  });
});

test('events reach the page', async () => {
  await call('open', { path: lab.image });
  connection.events.rowsChanged(5);
  await lab.until(() => (heard.length > 0 ? true : undefined));
  expect(heard).toEqual([['rowsChanged', 5]]);
});
