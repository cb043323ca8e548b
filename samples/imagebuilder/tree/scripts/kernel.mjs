/**
 * Write a uImage around pseudo-random bytes: node kernel.mjs OUT DEVICE
 *
 *    0 u32 magic 0x27051956    4 u32 crc of this header with these 4 bytes zero    8 u32 time   12 u32 size of the body
 *   16 u32 load address       20 u32 entry point   24 u32 crc of the body   28 u8 os, arch, type, compression   32 char[32] name
 */
import { renameSync, writeFileSync } from 'node:fs';
import { crc32 } from './crc32.mjs';
import { randomBytes } from './filler.mjs';

const [out, device] = process.argv.slice(2);
const { KERNEL_BYTES, KERNEL_NAME, SOURCE_DATE_EPOCH } = process.env;

const body = randomBytes(`kernel ${device}`, Number(KERNEL_BYTES) - 64);
body.write('sample, not a kernel\n');
const header = Buffer.alloc(64);
header.writeUInt32BE(0x27051956, 0);
header.writeUInt32BE(Number(SOURCE_DATE_EPOCH), 8);
header.writeUInt32BE(body.length, 12);
header.writeUInt32BE(0x80060000, 16);
header.writeUInt32BE(0x80060000, 20);
header.writeUInt32BE(crc32(body), 24);
header.set([5, 5, 2, 3], 28); // Linux, MIPS, kernel, lzma
header.write(KERNEL_NAME.slice(0, 32), 32, 'latin1');
header.writeUInt32BE(crc32(header), 4);
// An interrupted run must not leave half a kernel for the next one.
writeFileSync(`${out}.part`, Buffer.concat([header, body]));
renameSync(`${out}.part`, out);
