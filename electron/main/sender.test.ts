import { expect, test } from 'vitest';
import { checkSender } from './sender.ts';

const ours = { url: 'app://composcope/index.html' };

test('accepts the top frame of the window', () => {
  expect(() => checkSender(ours, ours)).not.toThrow();
});

test.each([
  ['a frame that is gone', null, ours],
  ['another frame with our URL', { url: ours.url }, ours],
  ['no window', ours, undefined],
])('refuses %s', (_name, sender, main) => {
  expect(() => checkSender(sender, main)).toThrow(/^Message from a frame/);
});

test.each(['https://example.org/', 'app://composcope.evil/index.html', 'app://other/', 'file:///index.html', ''])(
  'refuses the window once it shows %s',
  (url) => {
    const frame = { url };
    expect(() => checkSender(frame, frame)).toThrow('Message from a page that is not ours.');
  },
);
