import { gzipSync } from 'node:zlib';
import { fitImage } from './container-fit-writer.ts';
import {
  ext4,
  fat,
  filler,
  gptDisk,
  mbrDisk,
  safeloaderFactory,
  safeloaderSysupgrade,
  squashfs,
  tar,
  tplink,
  ubi,
  uimage,
  withArcher,
} from './container-writers.ts';

const kernel = uimage(filler(300));
const rootfs = squashfs(500);

/** A small image of every kind of container. */
export async function makeContainerSamples() {
  const entry = { type: 'kernel', data: filler(200) } as const;
  const mbr = mbrDisk([
    { startSector: 2, sectors: 4, content: ext4(2048) },
    { startSector: 6, sectors: 4, content: rootfs },
  ]);
  const gpt = gptDisk([
    {
      typeGuid: 'c12a7328-f81f-11d2-ba4b-00a0c93ec93b',
      name: 'a',
      startSector: 34,
      sectors: 2,
      content: fat(1024),
    },
    {
      typeGuid: '0fc63daf-8483-4772-8e79-3d69d8477de4',
      name: 'b',
      startSector: 36,
      sectors: 2,
      content: rootfs,
    },
  ]);
  const archive = await tar([
    { name: 'sysupgrade-a/kernel', bytes: kernel },
    { name: 'sysupgrade-a/root', bytes: rootfs },
  ]);
  const fit = fitImage(
    {
      'kernel-1': { ...entry, external: 'position' },
      'rootfs-1': { type: 'filesystem', data: rootfs, external: 'offset' },
    },
    1024,
  );
  const small = Buffer.concat([kernel, rootfs]);
  return {
    uimage: withArcher(small),
    safeloader: safeloaderSysupgrade(kernel, rootfs),
    factory: safeloaderFactory(kernel, rootfs),
    'tplink-v1': tplink(1, filler(300), rootfs).subarray(0, 6000),
    'tplink-v2': tplink(2, filler(300), rootfs).subarray(0, 6000),
    fit: withArcher(fit),
    'fit-inside': fitImage({ 'kernel-1': entry }),
    tar: archive,
    mbr: withArcher(mbr),
    gpt,
    gzip: withArcher(gzipSync(mbr)),
    ubi: ubi(2, 4096 + 4096),
  };
}
