import { ReleaseError } from './errors.ts';
import type { ReleaseName } from './release-name.ts';
import type { TargetName } from './target.ts';

declare const brand: unique symbol;

/** Address of a download server, http or https, without a slash at its end. */
export type MirrorUrl = string & { readonly [brand]: 'MirrorUrl' };

export const DEFAULT_MIRROR = 'https://downloads.openwrt.org';

/**
 * Accept the address of a server laid out as downloads.openwrt.org. Plain http is no danger to what is downloaded: the
 * signature proves it, whoever carries it.
 *
 * @throws ReleaseError MIRROR_INVALID
 */
export function parseMirrorUrl(text: string): MirrorUrl {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) throw invalidMirror(text, 'no-url', 'no address');
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw invalidMirror(text, 'protocol', `the protocol ${url.protocol}`);
  // A name and a password would stand in records and messages.
  if (url.username !== '' || url.password !== '')
    throw invalidMirror(`${url.protocol}//…@${url.host}`, 'credentials', 'a user name or a password');
  if (url.search !== '' || url.hash !== '') throw invalidMirror(text, 'query', 'a "?" or a "#"');
  return url.href.replace(/\/+$/, '') as MirrorUrl;
}

/** `.versions.json`: all releases. */
export function versionsUrl(mirror: MirrorUrl): string {
  return `${mirror}/.versions.json`;
}

/**
 * Folder of a release: `releases/24.10.8`, `releases/24.10-SNAPSHOT`, `snapshots`; `.overview.json` and `.targets.json` stand
 * in it.
 *
 * @see OpenWrt include/version.mk (VERSION_REPO), openwrt/buildbot phase1/master.cfg (GetVersionPrefix)
 */
export function releaseUrl(mirror: MirrorUrl, release: ReleaseName): string {
  return release === 'SNAPSHOT' ? `${mirror}/snapshots` : `${mirror}/releases/${release}`;
}

/** Folder of a target: `sha256sums`, its signature and the ImageBuilder stand in it. */
export function targetUrl(mirror: MirrorUrl, release: ReleaseName, target: TargetName): string {
  return `${releaseUrl(mirror, release)}/targets/${target}`;
}

/** A file of a target, its name as `sha256sums` spells it. */
export function targetFileUrl(
  mirror: MirrorUrl,
  release: ReleaseName,
  target: TargetName,
  name: string,
): string {
  const path = name.split('/').map(encodeURIComponent).join('/');
  return `${targetUrl(mirror, release, target)}/${path}`;
}

function invalidMirror(text: string, reason: string, found: string): ReleaseError {
  return new ReleaseError('MIRROR_INVALID', {
    message: `wanted the http or https address of a download server, found ${found} in ${JSON.stringify(text)}`,
    hint: `write it as ${DEFAULT_MIRROR}`,
    details: { mirror: text, reason },
  });
}
