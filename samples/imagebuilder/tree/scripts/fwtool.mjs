/**
 * Append a chunk to an image: node fwtool.mjs metadata FILE DEVICE, or node fwtool.mjs sign FILE
 *
 * A chunk is payload, then 16 bytes: "FWx0", u32 CRC-32 of all before without final xor, u8 type, u8[3] 0, u32 payload + 16.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from './crc32.mjs';
import { signImage } from './ucert.mjs';

const [SIGNATURE, INFO] = [0, 1];
const { TOPDIR, VERSION_NUMBER, REVISION, BOARD, SUBTARGET } = process.env;

// Spaces as the real builder leaves them: readers meet them.
const metadata = (device) =>
  `{  "metadata_version": "1.1", "compat_version": "1.0",   "supported_devices":["sample,not-a-router"], "version": { "dist": "OpenWrt", "version": "${VERSION_NUMBER}", "revision": "${REVISION}", "target": "${BOARD}/${SUBTARGET}", "board": "${device}" } }\n`;

function append(path, type, payload) {
  const trailer = Buffer.alloc(16);
  trailer.write('FWx0');
  trailer.writeUInt32BE(~crc32(Buffer.concat([readFileSync(path), payload])) >>> 0, 4);
  trailer.writeUInt8(type, 8);
  trailer.writeUInt32BE(payload.length + 16, 12);
  appendFileSync(path, Buffer.concat([payload, trailer]));
}

const [command, path, device] = process.argv.slice(2);
if (!existsSync(path)) {
  console.error('Failed to open firmware file');
  process.exitCode = 1;
} else if (command === 'metadata') {
  append(path, INFO, Buffer.concat([Buffer.alloc(8), Buffer.from(metadata(device))]));
} else {
  append(path, SIGNATURE, signImage(join(TOPDIR, 'key-build'), readFileSync(path)));
}
