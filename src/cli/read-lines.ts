import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

/** No prefix is this long; what comes behind it in a line is dropped, so that memory stays bounded. */
const MAX_LINE_CHARS = 4096;

/** Lines of a stream without their ends (`\n` or `\r\n`), the last one also where no end follows. */
export async function* readLines(stream: Readable, signal: AbortSignal): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of stream) {
    signal.throwIfAborted();
    const parts = (rest + (typeof chunk === 'string' ? chunk : decoder.write(chunk))).split('\n');
    rest = (parts.pop() ?? '').slice(0, MAX_LINE_CHARS);
    for (const line of parts) yield cut(line);
  }
  rest += decoder.end();
  if (rest !== '') yield cut(rest);
}

function cut(line: string): string {
  return (line.endsWith('\r') ? line.slice(0, -1) : line).slice(0, MAX_LINE_CHARS);
}
