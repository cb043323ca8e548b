import { StringDecoder } from 'node:string_decoder';

/** Characters kept of the beginning, and as many of the end. */
const KEEP_CHARS = 8 * 1024 * 1024;

export interface BoundedText {
  /** Take a chunk; the text it completes is returned at once, so that no character is ever split. */
  add(chunk: Uint8Array): string;
  /** All that came; of a longer text the beginning and the end. */
  text(): string;
}

/** Collect UTF-8 output of unknown length in bounded memory. */
export function createBoundedText(keepChars: number = KEEP_CHARS): BoundedText {
  const decoder = new StringDecoder('utf8');
  let head = '';
  let tail = '';
  let dropped = 0;
  return {
    add(chunk) {
      const text = decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
      const room = Math.max(0, keepChars - head.length);
      head += text.slice(0, room);
      tail += text.slice(room);
      // Cutting only past twice the size keeps the cost of a cut constant per character.
      if (tail.length > 2 * keepChars) {
        dropped += tail.length - keepChars;
        tail = tail.slice(-keepChars);
      }
      return text;
    },
    text() {
      return dropped === 0 ? head + tail : `${head}\n[${dropped} characters left out]\n${tail}`;
    },
  };
}
