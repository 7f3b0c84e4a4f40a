import { describe, expect, test } from 'vitest';
import { Random } from '../testing/random.ts';
import { FrameError, FrameReader, writeFrame } from './frames.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (messages: readonly Uint8Array[]): readonly string[] =>
  messages.map((message) => new TextDecoder().decode(message));

describe('frames', () => {
  test('are a length of four bytes, the highest first, and the message', () => {
    expect([...writeFrame(bytes('ab'))]).toEqual([0, 0, 0, 2, 0x61, 0x62]);
    expect([...writeFrame(new Uint8Array(0))]).toEqual([0, 0, 0, 0]);
  });

  test('come whole however they were cut', () => {
    const random = new Random(6);
    const sent = Array.from({ length: 200 }, (_, index) => `${index}:${'x'.repeat(random.int(300))}`);
    const stream = Buffer.concat(sent.map((message) => writeFrame(bytes(message))));
    const reader = new FrameReader(1000);
    const received: string[] = [];
    for (let at = 0; at < stream.length;) {
      const length = random.int(90); // nothing, now and then
      received.push(...text(reader.push(stream.subarray(at, at + length))));
      at += length;
    }
    expect(received).toEqual(sent);
  });

  test('many may come at once, and an empty one is one', () => {
    const reader = new FrameReader(10);
    const stream = Buffer.concat(['a', '', 'bc'].map((message) => writeFrame(bytes(message))));
    expect(text(reader.push(stream))).toEqual(['a', '', 'bc']);
    expect(reader.push(new Uint8Array(0))).toEqual([]);
  });

  test('are as long as the limit, and not longer: that is said before the message is there', () => {
    expect(new FrameReader(4).push(writeFrame(bytes('abcd')))).toHaveLength(1);
    expect(() => new FrameReader(3).push(Uint8Array.of(0, 0, 0, 4))).toThrow(FrameError);
    expect(() => new FrameReader(1 << 20).push(bytes('GET / HTTP/1.1\r\n'))).toThrow(
      'a message of 1195725856 bytes; at most 1048576 are taken',
    );
    expect(() => new FrameReader(1 << 20).push(Uint8Array.of(255, 255, 255, 255))).toThrow(/4294967295/);
  });

  test('a message is a copy: who sent it may write over its bytes', () => {
    const frame = writeFrame(bytes('abc'));
    const [message] = new FrameReader(10).push(frame);
    frame.fill(0);
    expect(text(message === undefined ? [] : [message])).toEqual(['abc']);
  });

  test('a long message that comes in small parts is not copied over and over', () => {
    const reader = new FrameReader(1 << 25);
    const frame = writeFrame(new Uint8Array(1 << 24));
    const started = performance.now();
    let count = 0;
    for (let at = 0; at < frame.length; at += 256) count += reader.push(frame.subarray(at, at + 256)).length;
    expect(count).toBe(1);
    expect(performance.now() - started).toBeLessThan(5000); // by copies it is 500 GB
  });

  test('garbage ends it, or waits: never a message that was not sent, never more than it holds', () => {
    for (let seed = 0; seed < 500; seed += 1) {
      const random = new Random(seed);
      const reader = new FrameReader(64);
      const junk = Uint8Array.from({ length: random.int(300) }, () => random.int(256));
      try {
        for (const message of reader.push(junk)) expect(message.length).toBeLessThanOrEqual(64);
      } catch (error) {
        expect(error).toBeInstanceOf(FrameError);
      }
    }
  });
});
