import { join } from 'node:path';
import type { BuildFacts } from '../attest/facts.ts';
import { type Lock, renderLock } from '../attest/lock.ts';
import { computeProvenance } from '../attest/provenance.ts';
import { renderRecordedOverlay } from '../attest/recorded-overlay.ts';
import { computeSbom } from '../attest/sbom.ts';
import { computeSha256 } from '../bytes/sha256.ts';
import type { Ports } from '../io/ports.ts';
import type { FileTree } from '../overlay/file-tree.ts';
import type { BuildDocument } from './build-result.ts';
import { writeSums } from './output-dir.ts';

export interface BuildRecord {
  readonly facts: BuildFacts;
  readonly lock: Lock;
  readonly overlay: FileTree;
  readonly document: BuildDocument;
  readonly report: string;
  /** Names of files that the builder left in the folder and that are the same in each build. */
  readonly builderFiles: readonly string[];
}

/**
 * Write everything that is known of a build beside its image: plan, overlay, lock, SBOM, provenance, report, digests.
 *
 * The overlay is left out where it holds a secret.
 */
export async function writeRecord(ports: Ports, dir: string, record: BuildRecord): Promise<void> {
  const { facts, document } = record;
  const overlay = renderRecordedOverlay(record.overlay);
  const repeatable = new Map([
    ['plan.json', json(facts.plan)],
    ['lock.json', renderLock(record.lock)],
    ['sbom.cdx.json', json(computeSbom(facts))],
    ...(overlay === undefined ? [] : [['overlay.json', overlay] as const]),
  ]);
  const digests = new Map<string, string>(
    [...repeatable].map(([name, content]) => [name, computeSha256(content)]),
  );
  for (const name of record.builderFiles) digests.set(name, await ports.files.sha256(join(dir, name)));
  const texts = new Map([
    ...repeatable,
    ['provenance.json', json(computeProvenance(facts, digests))],
    ['build.json', json(document)],
    ['report.txt', record.report],
  ]);
  for (const [name, content] of texts) await ports.files.writeFile(join(dir, name), content);
  // The builder has hashed the image as it wrote it.
  await writeSums(ports, dir, new Map([...digests, [facts.image.name, facts.image.sha256]]));
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
