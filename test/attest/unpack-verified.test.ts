import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { unpackImageBuilder } from '../../src/builder/local/unpack.ts';
import { computeSha256 } from '../../src/bytes/sha256.ts';
import type { Details } from '../../src/errors.ts';
import { codeOf, createTempDir, createTestPorts } from '../io/ports.ts';
import { makeSampleTarball } from '../support/sample.ts';

const NAME = 'openwrt-imagebuilder-24.10.8-ath79-generic.Linux-x86_64.tar.zst';

describe('unpacking an archive that was verified before', () => {
  it('refuses other bytes than those that were verified, and unpacks nothing', async () => {
    const dir = createTempDir();
    const path = join(dir, 'object');
    writeFileSync(path, 'other bytes');
    const verified = { name: NAME, sha256: computeSha256('the bytes verified') };
    const ports = createTestPorts();
    expect(await codeOf(unpackImageBuilder(ports, { path, verified }, join(dir, 'trees')))).toBe(
      'IMAGEBUILDER_CHANGED',
    );
    expect(ports.recorded.progress).toEqual([]);
  });

  it('calls it by its name, not by that of the file in the store; a tree of it needs the archive no more', async () => {
    const dir = createTempDir();
    const archive = makeSampleTarball('apk', dir);
    const sha256 = computeSha256(readFileSync(archive));
    const told: (Details | undefined)[] = [];
    const base = createTestPorts();
    const ports = {
      ...base,
      reporter: { ...base.reporter, step: (_id: string, details?: Details) => void told.push(details) },
    };
    const verified = { name: NAME, sha256 };
    const first = await unpackImageBuilder(ports, { path: archive, verified }, join(dir, 'trees'));
    expect(told).toMatchObject([{ name: NAME }]);
    expect(first).toMatchObject({ name: NAME, sha256 });
    mkdirSync(join(dir, 'gone'));
    const again = await unpackImageBuilder(
      ports,
      { path: join(dir, 'gone', 'object'), verified },
      join(dir, 'trees'),
    );
    expect(again.tree.dir).toBe(first.tree.dir);
  });
});
