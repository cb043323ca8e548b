import type { Readable } from 'node:stream';
import type { Ports } from '../io/ports.ts';
import { FlowError } from './errors.ts';

/** As much as the largest image anyone flashes; a file of this size is held in memory whole. */
const MAX_IMAGE_BYTES = 1024 ** 3;
const STDIN = '-';

/**
 * The bytes of an image.
 *
 * @param path absolute, or `-` for what comes from `stdin`
 * @throws FlowError INSPECT_TOO_LARGE, INSPECT_NO_FILE; IoError FILE_UNREADABLE
 */
export async function readImage(ports: Ports, path: string, stdin: Readable): Promise<Uint8Array> {
  if (path === STDIN) return readAll(stdin);
  const kind = await ports.files.kind(path);
  if (kind !== 'file') {
    throw new FlowError('INSPECT_NO_FILE', {
      message: `wanted an image at ${path}, found ${kind === 'missing' ? 'nothing' : 'no file'} there`,
      hint: 'give the path of an image, or - for standard input',
      details: { path, kind },
    });
  }
  const sizeBytes = await ports.files.sizeBytes(path);
  if (sizeBytes > MAX_IMAGE_BYTES) throw tooLarge(path);
  return ports.files.readFile(path);
}

async function readAll(stdin: Readable): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let count = 0;
  for await (const chunk of stdin) {
    const bytes = Buffer.from(chunk);
    count += bytes.byteLength;
    if (count > MAX_IMAGE_BYTES) throw tooLarge(STDIN);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

function tooLarge(path: string): FlowError {
  return new FlowError('INSPECT_TOO_LARGE', {
    message: `wanted an image of at most ${MAX_IMAGE_BYTES} bytes, found more in ${path}`,
    hint: 'no router takes an image of that size; give another file',
    details: { path, limitBytes: MAX_IMAGE_BYTES },
  });
}
