/**
 * Lay out TP-Link safeloader images: node safeloader.mjs sysupgrade|factory DEVICE KERNEL ROOTFS OUT
 *
 * sysupgrade: kernel, root, 0xff up to a 64 KiB boundary of the flash, deadc0de (the jffs2 end mark)
 * factory:    u32 size, MD5, vendor block, image partition table, payloads (see writeFactory)
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const BLOCK = 0x10000;
const END_MARK = Buffer.from('deadc0de', 'hex');
const MD5_SALT = Buffer.from('7a2b15ed9b98596de504ab44ac2a9f4e', 'hex');
const alignUp = (value) => Math.ceil(value / BLOCK) * BLOCK;
const hex5 = (value) => `0x${value.toString(16).padStart(5, '0')}`;

/** Root as it lies in flash from `base` on: padded to an erase block, then the mark. */
const fileSystem = (rootfs, base) => {
  const end = alignUp(base + rootfs.length);
  return Buffer.concat([rootfs, Buffer.alloc(end - base - rootfs.length, 0xff), END_MARK]);
};

/** u32 length, u32 0, data, one 0 byte. */
const meta = (data) => {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(data.length);
  return Buffer.concat([head, data, Buffer.alloc(1)]);
};

// Places of the 8 MiB Archer C6 v2; `shift` moves what lies behind a larger firmware partition.
const partitionTable = ({ base, size }, fsBase, kernelBytes) => {
  const shift = base + size - 0x7d9400;
  const rows = [
    ['fs-uboot', 0, 0x20000],
    ['default-mac', 0x20000, 0x200],
    ['pin', 0x20200, 0x100],
    ['product-info', 0x20300, 0x200],
    ['device-id', 0x20500, 0xfb00],
    ['os-image', base, kernelBytes],
    ['file-system', fsBase, size - fsBase],
    ['soft-version', 0x7d9400 + shift, 0x100],
    ['extra-para', 0x7d9500 + shift, 0x100],
    ['support-list', 0x7d9600 + shift, 0x200],
    ['profile', 0x7d9800 + shift, 0x3000],
    ['default-config', 0x7dc800 + shift, 0x3000],
    ['partition-table', 0x7df800 + shift, 0x800],
    ['user-config', 0x7e0000 + shift, 0xc000],
    ['certificate', 0x7ec000 + shift, 0x4000],
    ['radio', 0x7f0000 + shift, 0x10000],
  ];
  const text = rows
    .map(([name, start, length]) => `partition ${name} base ${hex5(start)} size ${hex5(length)}\n`)
    .join('');
  const table = Buffer.alloc(0x800, 0xff);
  table.set(Buffer.concat([Buffer.from([0, 4, 0, 0]), Buffer.from(`${text}\0`)]));
  return table;
};

/**
 *    0 u32 size of the file, big-endian     4 u8[16] MD5(salt, file from 0x14 on)
 * 0x14 vendor block of 0x1000: u32 0, then 0xff      0x1014 table of 0x800: "fwup-ptn NAME base B size S\t\r\n", 00, 0xff
 * 0x1814 the payloads one after another; bases count from 0x1014
 */
function writeFactory({ kernel, rootfs, firmware }) {
  // The product is nobody's, so that no web interface accepts the file.
  const supportList =
    'SupportList:\n{product_name:Sample Not A Router,product_ver:0.0.0,special_id:00000000}\n';
  const fsBase = alignUp(firmware.base + kernel.length);
  const fs = fileSystem(rootfs, fsBase);
  checkFits(fs.length, firmware.size - fsBase);
  const payloads = [
    ['partition-table', partitionTable(firmware, fsBase, kernel.length)],
    ['soft-version', meta(Buffer.from('soft_ver:1.9.1\n\0'))],
    ['support-list', meta(Buffer.from(supportList))],
    ['os-image', kernel],
    ['file-system', fs],
    ['extra-para', meta(Buffer.from([0, 1]))],
  ];
  let base = 0x800;
  const lines = payloads.map(([name, { length }]) => {
    const line = `fwup-ptn ${name} base ${hex5(base)} size ${hex5(length)}\t\r\n`;
    base += length;
    return line;
  });
  const file = Buffer.concat([Buffer.alloc(0x1814, 0xff), ...payloads.map(([, bytes]) => bytes)]);
  file.fill(0, 0x14, 0x18);
  file.write(`${lines.join('')}\0`, 0x1014, 'latin1');
  file.writeUInt32BE(file.length, 0);
  file.set(createHash('md5').update(MD5_SALT).update(file.subarray(0x14)).digest(), 4);
  return file;
}

function writeSysupgrade({ kernel, rootfs, firmware }) {
  const base = firmware.base + kernel.length;
  const fs = fileSystem(rootfs, base);
  checkFits(fs.length, firmware.size - base);
  return Buffer.concat([kernel, fs]);
}

// The room is the partition's size less an absolute address: smaller than it could be, but so is the real tool's.
function checkFits(length, room) {
  if (length <= room) return;
  console.error(`file-system partition too big (more than ${room} bytes): Success`);
  process.exit(1);
}

const [kind, device, kernelPath, rootfsPath, out] = process.argv.slice(2);
const profiles = JSON.parse(
  readFileSync(join(process.env.TOPDIR, 'target/linux/ath79/profiles.json'), 'utf8'),
);
const { firmware } = profiles.find(({ id }) => id === device);
const parts = { kernel: readFileSync(kernelPath), rootfs: readFileSync(rootfsPath), firmware };
writeFileSync(out, kind === 'factory' ? writeFactory(parts) : writeSysupgrade(parts));
