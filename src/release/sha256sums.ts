import { parseSha256, type Sha256 } from '../bytes/sha256.ts';
import { ReleaseError } from './errors.ts';
import type { ReleaseName } from './release-name.ts';
import { type TargetName, targetInFileName } from './target.ts';

/** Digests by name, the names relative to the folder of the target. */
export type Sha256Sums = ReadonlyMap<string, Sha256>;

/** A listed ImageBuilder. */
export interface ListedImageBuilder {
  readonly name: string;
  readonly sha256: Sha256;
}

/** Bytes; the largest real one, of a target with many kernel modules, has some 200,000. */
export const MAX_SUMS_BYTES = 4 * 1024 * 1024;
const LINE = /^([0-9a-f]{64}) \*([\x21-\x7e]{1,255})$/;
const IMAGEBUILDER = /^(?:openwrt-)?imagebuilder-[^/]*\.Linux-x86_64\.tar\.(?:xz|zst)$/;

/**
 * Parse `sha256sums` of a target: lines `<64 hexadecimal digits> *<relative name>`, each name once.
 *
 * @throws ReleaseError SHA256SUMS_INVALID
 * @see OpenWrt rules.mk (sha256sums)
 */
export function parseSha256Sums(text: string): Sha256Sums {
  if (text.length > MAX_SUMS_BYTES)
    throw invalidSums(1, `more than ${MAX_SUMS_BYTES} characters`, 'too-long');
  const sums = new Map<string, Sha256>();
  const lines = text.split('\n');
  if (lines.pop() !== '') throw invalidSums(lines.length + 1, 'a line without an end', 'cut-off');
  for (const [index, line] of lines.entries()) {
    const [, digest, name] = LINE.exec(line) ?? [];
    if (digest === undefined || name === undefined || !isRelative(name))
      throw invalidSums(index + 1, JSON.stringify(line.slice(0, 200)), 'line');
    if (sums.has(name)) throw invalidSums(index + 1, `${name} twice`, 'twice');
    sums.set(name, parseSha256(digest));
  }
  if (sums.size === 0) throw invalidSums(1, 'no line', 'empty');
  return sums;
}

/**
 * Find the one ImageBuilder in a list.
 *
 * Nothing else in a list says of which release and target it is, so the name of the ImageBuilder has to: the rightly signed
 * list of another release is refused.
 *
 * @throws ReleaseError IMAGEBUILDER_NOT_LISTED, IMAGEBUILDER_OTHER
 * @see OpenWrt target/imagebuilder/Makefile (IB_NAME)
 */
export function findImageBuilder(
  sums: Sha256Sums,
  release: ReleaseName,
  target: TargetName,
): ListedImageBuilder {
  const names = [...sums.keys()].filter((name) => IMAGEBUILDER.test(name));
  const [name = ''] = names;
  const sha256 = sums.get(name);
  if (sha256 === undefined) {
    throw new ReleaseError('IMAGEBUILDER_NOT_LISTED', {
      message: `wanted an ImageBuilder for ${target} in OpenWrt ${release}, found none among ${sums.size} files`,
      hint: 'this release has no ImageBuilder for the target: choose another release',
      details: { release, target, count: sums.size },
    });
  }
  const version = release === 'SNAPSHOT' ? '' : `${release}-`;
  const stem = `imagebuilder-${version}${targetInFileName(target)}.Linux-x86_64.tar.`;
  const right = names.length === 1 && name.replace(/^openwrt-/, '').startsWith(stem);
  if (right) return { name, sha256 };
  throw new ReleaseError('IMAGEBUILDER_OTHER', {
    message: `wanted one ImageBuilder for ${target} of OpenWrt ${release}, found ${names.slice(0, 3).join(', ')}`,
    hint: 'do not use this mirror: it hands out the files of another release or target',
    details: { release, target, names: names.slice(0, 3) },
  });
}

/** No name leads out of the folder of the target. */
function isRelative(name: string): boolean {
  return name.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

function invalidSums(line: number, found: string, reason: string): ReleaseError {
  return new ReleaseError('SHA256SUMS_INVALID', {
    message: `wanted lines "<sha256> *<name>" in sha256sums, found ${found} in line ${line}`,
    hint: 'try again, or another mirror',
    details: { line, reason, found },
  });
}
