import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { computeSha256 } from '../../src/bytes/sha256.ts';
import { judgeImage } from '../../src/flow/judge.ts';
import { planSample } from '../image/planned-image.ts';
import { codeOf, createTempDir, createTestPorts } from '../io/ports.ts';

const { plan } = planSample();
const INSTALLED = new Map(plan.packages.filter((name) => !name.startsWith('-')).map((name) => [name, '1']));

function judge(bytes: Uint8Array, installed: ReadonlyMap<string, string> = INSTALLED) {
  const dir = createTempDir();
  const imagePath = join(dir, 'image.bin');
  writeFileSync(imagePath, bytes);
  const image = { imagePath, imageName: 'image.bin', sha256: computeSha256(bytes), installed };
  return judgeImage(createTestPorts(), plan, image, { force: false, tempDir: join(dir, 'work') });
}

describe('judgeImage', () => {
  it('concludes nothing of a container of a kind that is not known, and says so', async () => {
    const { fit, warnings } = await judge(Buffer.from('NEWFORMAT of a vendor'.repeat(100)));
    expect(fit).toBeUndefined();
    expect(warnings.map(({ code }) => code)).toEqual(['VERIFY_ROOT_UNREADABLE']);
  });

  it('holds the manifest against the plan whatever the container', async () => {
    const without = new Map([...INSTALLED].filter(([name]) => name !== 'map'));
    expect(await codeOf(judge(Buffer.from('NEWFORMAT'), without))).toBe('BUILD_PACKAGES_DIFFER');
  });

  it('lets no image pass whose known container is damaged', async () => {
    const cut = Buffer.alloc(64);
    cut.writeUInt32BE(0x27051956, 0);
    cut.writeUInt32BE(5_000_000, 12);
    expect(await codeOf(judge(cut))).toMatch(/^IMAGE_/);
  });
});
