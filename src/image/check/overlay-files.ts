import { computeSha256 } from '../../bytes/sha256.ts';
import type { Finding } from '../../errors.ts';
import { computeSecretDigest } from '../../plan/compute-plan.ts';
import type { RootIndex } from '../contents/root-index.ts';
import type { RootEntry } from '../root-filesystem.ts';
import type { CheckedEntry, CheckedOverlay } from './checked-plan.ts';

const REBUILD = 'do not flash it; build the image again';

/**
 * Hold every file of the overlay against the plan: there, of the right type, mode, owner and content.
 *
 * An ImageBuilder copies the overlay over the packages' files and keeps modes and links; every owner becomes root.
 *
 * @throws what the root's own reader throws
 * @see openwrt include/rootfs.mk (prepare_rootfs), rules.mk (file_copy), include/image.mk (mksquashfs -root-owned)
 */
export async function checkOverlayFiles(
  plan: CheckedOverlay & { readonly id: string },
  root: RootIndex,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const planned of plan.overlay) {
    const entry = root.entry(planned.path);
    if (entry === undefined) {
      findings.push(missing(planned));
      continue;
    }
    const wanted = planned.type === 'plan-id' ? 'file' : planned.type;
    if (entry.type !== wanted) {
      findings.push(typeDiffers(entry, wanted));
      continue;
    }
    findings.push(...checkEntry(planned, entry));
    if (entry.type === 'file') findings.push(...(await checkContent(plan.id, planned, entry, root)));
  }
  return findings;
}

function checkEntry(planned: CheckedEntry, entry: RootEntry): readonly Finding[] {
  const { path } = entry;
  const findings: Finding[] = [];
  if (entry.uid !== 0 || entry.gid !== 0) findings.push(ownerDiffers(entry));
  if (planned.type === 'symlink') {
    const found = entry.target ?? '';
    if (found !== planned.target)
      findings.push({
        severity: 'error',
        code: 'VERIFY_LINK_DIFFERS',
        message: `wanted ${path} to lead to ${planned.target}, found ${found}`,
        hint: REBUILD,
        details: { path, wanted: planned.target, found },
      });
    return findings;
  }
  const found = entry.mode.toString(8).padStart(4, '0');
  if (Number.parseInt(planned.mode, 8) !== entry.mode)
    findings.push({
      severity: 'error',
      code: 'VERIFY_MODE_DIFFERS',
      message: `wanted mode ${planned.mode} of ${path}, found ${found}`,
      hint: REBUILD,
      details: { path, wanted: planned.mode, found },
    });
  return findings;
}

async function checkContent(
  planId: string,
  planned: CheckedEntry,
  { path, sizeBytes }: RootEntry,
  root: RootIndex,
): Promise<readonly Finding[]> {
  if (planned.type === 'plan-id') {
    const found = await readPlanId(root, path, sizeBytes);
    return found === planId ? [] : [otherPlan(path, planId, found)];
  }
  if (planned.type !== 'file') return [];
  if ('scrypt' in planned) {
    const bytes = await root.rootfs.readFile(path);
    return computeSecretDigest(path, bytes) === planned.scrypt ? [] : [secretDiffers(path)];
  }
  if (sizeBytes !== planned.sizeBytes) return [sizeDiffers(path, planned.sizeBytes, sizeBytes)];
  const found = computeSha256(await root.rootfs.readFile(path));
  return found === planned.sha256 ? [] : [contentDiffers(path, planned.sha256, found)];
}

/** A file of another size holds no id, and may be of any size. */
async function readPlanId(root: RootIndex, path: string, sizeBytes: number): Promise<string | undefined> {
  if (sizeBytes > 100) return undefined;
  const text = new TextDecoder().decode(await root.rootfs.readFile(path));
  return /^([0-9a-f]{64})\n?$/.exec(text)?.[1];
}

function missing({ path }: CheckedEntry): Finding {
  return {
    severity: 'error',
    code: 'VERIFY_FILE_MISSING',
    message: `wanted ${path} in the image, found nothing there`,
    hint: REBUILD,
    details: { path },
  };
}

function typeDiffers({ path, type }: RootEntry, wanted: string): Finding {
  return {
    severity: 'error',
    code: 'VERIFY_TYPE_DIFFERS',
    message: `wanted ${path} as ${wanted}, found a ${type}`,
    hint: REBUILD,
    details: { path, wanted, found: type },
  };
}

function ownerDiffers({ path, uid, gid }: RootEntry): Finding {
  return {
    severity: 'error',
    code: 'VERIFY_OWNER_DIFFERS',
    message: `wanted ${path} to belong to 0:0, found ${uid}:${gid}`,
    hint: REBUILD,
    details: { path, wanted: '0:0', found: `${uid}:${gid}` },
  };
}

function otherPlan(path: string, wanted: string, found: string | undefined): Finding {
  return {
    severity: 'error',
    code: 'VERIFY_OTHER_PLAN',
    message: `wanted the plan ${wanted} in ${path}, found ${found ?? 'something else'}`,
    hint: 'the image was built from another plan: give the plan.json beside it, or build again',
    details: { path, wanted, found: found ?? '' },
  };
}

/** The digests themselves would let somebody try values. */
function secretDiffers(path: string): Finding {
  return {
    severity: 'error',
    code: 'VERIFY_SECRET_DIFFERS',
    message: `wanted in ${path} the secret of the plan, found another`,
    hint: REBUILD,
    details: { path },
  };
}

function sizeDiffers(path: string, wantedBytes: number, foundBytes: number): Finding {
  return {
    severity: 'error',
    code: 'VERIFY_FILE_DIFFERS',
    message: `wanted ${wantedBytes} bytes in ${path}, found ${foundBytes}`,
    hint: REBUILD,
    details: { path, wantedBytes, foundBytes },
  };
}

function contentDiffers(path: string, wanted: string, found: string): Finding {
  return {
    severity: 'error',
    code: 'VERIFY_FILE_DIFFERS',
    message: `wanted the sha256 ${wanted} of ${path}, found ${found}`,
    hint: REBUILD,
    details: { path, wanted, found },
  };
}
