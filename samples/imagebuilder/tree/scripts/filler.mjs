/** Deterministic stand-ins for programs and kernels: the bytes follow from the seed alone. */
import { createCipheriv, createHash } from 'node:crypto';

/** `length` bytes that do not compress: an AES-CTR key stream keyed by the seed. */
export function randomBytes(seed, length) {
  const key = createHash('sha256').update(seed).digest().subarray(0, 16);
  return createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(length));
}

/**
 * `kib` blocks of 3 KiB, a quarter of it incompressible, behind a line that says what this is.
 * With `hex`: `kib` KiB of hexadecimal noise instead, which xz halves slowly.
 */
export function fillerBytes({ seed, kib, hex }) {
  if (hex)
    return Buffer.from(
      `sample, not an executable: ${seed}\n${randomBytes(seed, kib * 512).toString('hex')}\n`,
    );
  const noise = randomBytes(seed, kib * 768);
  const text = Buffer.from(`\n${seed} `.repeat(1152).slice(0, 2304));
  const parts = [Buffer.from(`sample, not an executable: ${seed}\n`)];
  for (let block = 0; block < kib; block++) parts.push(noise.subarray(block * 768, (block + 1) * 768), text);
  return Buffer.concat(parts);
}
