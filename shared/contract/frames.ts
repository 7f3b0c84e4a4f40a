/**
 * Messages over a stream of bytes: each is its length, four bytes, the highest first, and then as many bytes. So little
 * that it can be read in a minute, where root listens; what a JSON-RPC library brings besides, nobody here asks for.
 */

const HEAD = 4;

/** A length that is beyond the limit: whatever follows cannot be told apart from messages any more. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
}

/** A message with its length in front. @param body copied */
export function writeFrame(body: Uint8Array): Uint8Array {
  const frame = new Uint8Array(HEAD + body.length);
  new DataView(frame.buffer).setUint32(0, body.length);
  frame.set(body, HEAD);
  return frame;
}

/** Cuts a stream into messages. It holds at most one message that is not whole. */
export class FrameReader {
  readonly #limit: number;
  #parts: Uint8Array[] = [];
  #length = 0;
  /** Bytes that make the next look worth while: the length, or the whole message. */
  #needed = HEAD;

  /** @param limit bytes of a message */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /**
   * Takes what came. @returns the messages that are whole now
   * @throws FrameError where one says to be longer than the limit; the reader is of no use after it
   */
  push(bytes: Uint8Array): readonly Uint8Array[] {
    this.#parts.push(bytes);
    this.#length += bytes.length;
    const messages: Uint8Array[] = [];
    // joined only when it is known to be enough: bytes that come one by one would be copied over and over
    while (this.#length >= this.#needed) {
      const joined = this.#join();
      const size = new DataView(joined.buffer, joined.byteOffset).getUint32(0);
      if (size > this.#limit) throw new FrameError(`a message of ${size} bytes; at most ${this.#limit} are taken`);
      this.#needed = HEAD + size;
      if (joined.length < this.#needed) break;
      messages.push(joined.slice(HEAD, this.#needed));
      this.#parts = [joined.subarray(this.#needed)];
      this.#length = joined.length - this.#needed;
      this.#needed = HEAD;
    }
    return messages;
  }

  #join(): Uint8Array {
    const joined = new Uint8Array(this.#length);
    let at = 0;
    for (const part of this.#parts) {
      joined.set(part, at);
      at += part.length;
    }
    this.#parts = [joined];
    return joined;
  }
}
