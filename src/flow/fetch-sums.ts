import { computeSha256, type Sha256 } from '../bytes/sha256.ts';
import { IoError } from '../io/errors.ts';
import { ReleaseError } from '../release/errors.ts';
import type { ReleaseName } from '../release/release-name.ts';
import {
  findImageBuilder,
  type ListedImageBuilder,
  MAX_SUMS_BYTES,
  parseSha256Sums,
  type Sha256Sums,
} from '../release/sha256sums.ts';
import type { TargetName } from '../release/target.ts';
import { targetFileUrl } from '../release/urls.ts';
import { parseUsignSignature, type UsignPublicKey, verifyUsign } from '../release/usign.ts';
import type { Server } from './resolve-release.ts';

/** Bytes; a signature file has about 150. */
const MAX_SIGNATURE_BYTES = 4096;

/** The list of a target, proved to be OpenWrt's, and the ImageBuilder in it. */
export interface SignedSums {
  readonly sums: Sha256Sums;
  readonly imagebuilder: ListedImageBuilder;
  readonly keyId: string;
}

/** The two files as they came. */
export interface SumsFiles {
  readonly sums: Uint8Array;
  readonly signature: Uint8Array;
}

/**
 * Hold a list against its signature and read it, in this order: nothing of it is looked at before it is proved.
 *
 * @throws ReleaseError SIGNATURE_*, SHA256SUMS_INVALID, IMAGEBUILDER_NOT_LISTED, IMAGEBUILDER_OTHER
 */
export function verifySums(
  files: SumsFiles,
  keys: readonly UsignPublicKey[],
  release: ReleaseName,
  target: TargetName,
): SignedSums {
  const signature = parseUsignSignature(Buffer.from(files.signature).toString('latin1'));
  const { id } = verifyUsign('sha256sums', files.sums, signature, keys);
  const sums = parseSha256Sums(Buffer.from(files.sums).toString('latin1'));
  return { sums, imagebuilder: findImageBuilder(sums, release, target), keyId: id };
}

/**
 * Get both files of a target.
 *
 * @throws IoError HTTP_*; ReleaseError TARGET_UNKNOWN where the release has no such folder
 */
export async function fetchSums(
  server: Server,
  release: ReleaseName,
  target: TargetName,
): Promise<SumsFiles> {
  const get = (name: string, limitBytes: number): Promise<Uint8Array> =>
    server.http.get({
      url: targetFileUrl(server.mirror, release, target, name),
      limitBytes,
      onRetry: server.onRetry,
    });
  try {
    return {
      sums: await get('sha256sums', MAX_SUMS_BYTES),
      signature: await get('sha256sums.sig', MAX_SIGNATURE_BYTES),
    };
  } catch (cause) {
    if (!(cause instanceof IoError) || cause.code !== 'HTTP_NOT_FOUND') throw cause;
    throw new ReleaseError('IMAGEBUILDER_NOT_LISTED', {
      message: `wanted signed files for ${target} in OpenWrt ${release}, found none on the server`,
      hint: 'check the release and the mirror',
      details: { release, target, count: 0 },
      cause,
    });
  }
}

/**
 * Get a small file that a proved list names.
 *
 * @returns `undefined` where the list does not name it
 * @throws IoError HTTP_*, DOWNLOAD_DIGEST_MISMATCH
 */
export async function fetchListed(
  server: Server,
  release: ReleaseName,
  target: TargetName,
  sums: Sha256Sums,
  file: { readonly name: string; readonly limitBytes: number },
): Promise<Uint8Array | undefined> {
  const wanted = sums.get(file.name);
  if (wanted === undefined) return undefined;
  const url = targetFileUrl(server.mirror, release, target, file.name);
  const bytes = await server.http.get({ url, limitBytes: file.limitBytes, onRetry: server.onRetry });
  const found = computeSha256(bytes);
  if (found !== wanted) throw digestMismatch(url, wanted, found, bytes.byteLength);
  return bytes;
}

/** A file that is not the one its proved list names. */
export function digestMismatch(url: string, wanted: Sha256, found: Sha256, sizeBytes: number): IoError {
  return new IoError('DOWNLOAD_DIGEST_MISMATCH', {
    message: `wanted ${url} with sha256 ${wanted}, found ${found} (${sizeBytes} bytes)`,
    hint: 'try again; if it stays so, the mirror hands out other files than OpenWrt: give another with --mirror',
    details: { url, wanted, found, sizeBytes },
  });
}
