/**
 * Messages over a stream of bytes: each is its length, four bytes, the highest first, and then as many bytes. Four lines
 * that root can be trusted with; what a JSON-RPC library brings besides, nobody here asks for.
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

  /** @param limit bytes of a message */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Bytes of a message that has begun, and has not come whole. */
  get pending(): number {
    return this.#length;
  }

  /**
   * Takes what came. @returns the messages that are whole now
   * @throws FrameError where one says to be longer than the limit; the reader is of no use after it
   */
  push(bytes: Uint8Array): readonly Uint8Array[] {
    this.#parts.push(bytes);
    this.#length += bytes.length;
    const messages: Uint8Array[] = [];
    for (;;) {
      if (this.#length < HEAD) return messages;
      const joined = this.#join();
      const size = new DataView(joined.buffer, joined.byteOffset).getUint32(0);
      if (size > this.#limit) throw new FrameError(`a message of ${size} bytes; at most ${this.#limit} are taken`);
      if (joined.length < HEAD + size) return messages;
      messages.push(joined.slice(HEAD, HEAD + size));
      this.#parts = [joined.subarray(HEAD + size)];
      this.#length = joined.length - HEAD - size;
    }
  }

  #join(): Uint8Array {
    const [first] = this.#parts;
    if (this.#parts.length === 1 && first !== undefined) return first;
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
