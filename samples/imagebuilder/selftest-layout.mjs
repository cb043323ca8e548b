/** Judge the files of one build by the layouts that OpenWrt's images have. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as zlib from 'node:zlib';
import { crc32 as ownCrc32 } from './tree/scripts/crc32.mjs';

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
// Node's own judges the sample's, where there is one (20.15).
const crc32 = zlib.crc32 ?? ownCrc32;

/** fwtool chunks from the end of an image, and where the image proper ends. */
function readChunks(bytes) {
  const chunks = [];
  let end = bytes.length;
  while (bytes.toString('latin1', end - 16, end - 12) === 'FWx0') {
    const size = bytes.readUInt32BE(end - 4);
    const crcOk = ~crc32(bytes.subarray(0, end - 16)) >>> 0 === bytes.readUInt32BE(end - 12);
    chunks.unshift({ type: bytes[end - 8], crcOk, payload: bytes.subarray(end - size, end - 16) });
    end -= size;
  }
  return { chunks, end };
}
/** Checks of an Archer C6 v2 build as [name, isTrue]. */
export function checkLayout(isApk, { bin, overview, image: find }) {
  const results = [];
  const check = (name, isTrue) => results.push([name, isTrue]);
  const bytes = readFileSync(join(bin, find('sysupgrade').name));
  const header = Buffer.from(bytes.subarray(0, 64));
  const k = 64 + header.readUInt32BE(12);
  const hcrc = header.readUInt32BE(4);
  header.fill(0, 4, 8);
  check(
    `uImage magic and both CRCs`,
    header.readUInt32BE(0) === 0x27051956 &&
      crc32(header) === hcrc &&
      crc32(bytes.subarray(64, k)) === header.readUInt32BE(24),
  );
  const r = Number(bytes.readBigUInt64LE(k + 40));
  const { chunks, end } = readChunks(bytes);
  const eofMark = Math.ceil((0x30000 + k + r) / 0x10000) * 0x10000 - 0x30000;
  check(
    `squashfs behind the kernel, 0xff, deadc0de at the erase block`,
    bytes.toString('latin1', k, k + 4) === 'hsqs' &&
      end === eofMark + 4 &&
      bytes.readUInt32BE(eofMark) === 0xdeadc0de &&
      bytes.subarray(k + r, eofMark).every((byte) => byte === 0xff),
  );
  check(
    `chunks ${isApk ? 'metadata' : 'metadata, signature'} with right CRCs`,
    chunks.map(({ type }) => type).join() === (isApk ? '1' : '1,0') && chunks.every(({ crcOk }) => crcOk),
  );
  const metadata = JSON.parse(chunks[0].payload.subarray(8));
  check(
    `metadata names no router`,
    metadata.supported_devices.join() === 'sample,not-a-router' &&
      metadata.version.board === 'tplink_archer-c6-v2',
  );
  const { sha256: signed, sha256_unsigned: unsigned } = find('sysupgrade');
  check(
    `profiles.json hashes`,
    sha256(bytes) === signed && (signed === unsigned) === isApk && overview.version_code.startsWith('r0-'),
  );
  const factory = readFileSync(join(bin, find('factory').name));
  const md5 = createHash('md5')
    .update(Buffer.from('7a2b15ed9b98596de504ab44ac2a9f4e', 'hex'))
    .update(factory.subarray(0x14))
    .digest();
  check(
    `factory size and MD5`,
    factory.readUInt32BE(0) === factory.length && md5.equals(factory.subarray(4, 20)),
  );
  const sums = readFileSync(join(bin, 'sha256sums'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => /^([0-9a-f]{64}) \*(.+)$/.exec(line));
  check(
    `sha256sums`,
    sums.length === 5 && sums.every(([, hex, name]) => sha256(readFileSync(join(bin, name))) === hex),
  );
  return results;
}
