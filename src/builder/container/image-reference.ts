import { BuilderError } from '../errors.ts';

/** The name of a container image, taken apart. */
export interface ImageReference {
  /** As written. */
  readonly text: string;
  /** `ghcr.io/openwrt/imagebuilder` */
  readonly repository: string;
  readonly tag: string | undefined;
  /** `sha256:…`: names bytes, where a tag names what a server makes of it. */
  readonly digest: string | undefined;
}

const HOST = /(?:[A-Za-z0-9][A-Za-z0-9.-]{0,252}(?::\d{1,5})?\/)?/.source;
const PART = /[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*/.source;
const REFERENCE = new RegExp(
  `^(${HOST}${PART}(?:/${PART})*)(?::([A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@(sha256:[0-9a-f]{64}))?$`,
);

/** OpenWrt's own images, one tag a target and release. @see openwrt/docker .github/workflows/containers.yml */
const OPENWRT = 'ghcr.io/openwrt/imagebuilder';

/**
 * Read a reference such as `ghcr.io/openwrt/imagebuilder:ath79-generic-v24.10.4` or `…@sha256:<64 hex digits>`.
 *
 * @throws BuilderError CONTAINER_IMAGE_INVALID
 * @see distribution/reference regexp.go
 */
export function parseImageReference(text: string): ImageReference {
  const [, repository, tag, digest] = (text.length <= 512 ? REFERENCE.exec(text) : undefined) ?? [];
  if (repository === undefined) {
    throw new BuilderError('CONTAINER_IMAGE_INVALID', {
      message: `wanted the name of a container image, found ${JSON.stringify(text.slice(0, 512))}`,
      hint: `write it as ${OPENWRT}:ath79-generic-v24.10.4, or with @sha256: and its digest`,
      details: { image: text.slice(0, 512) },
    });
  }
  return { text, repository, tag, digest };
}

/** Whether what stands behind a reference never changes: a digest, or the tag of a finished release. */
export function isFixed({ tag, digest }: ImageReference): boolean {
  return digest !== undefined || /-v?\d+\.\d+\.\d+(?:-rc\d+)?$/.test(tag ?? '');
}

/**
 * OpenWrt's image with the ImageBuilder of a release.
 *
 * @param version `24.10.4`, `24.10-SNAPSHOT`, `SNAPSHOT`
 * @param target `ath79/generic`
 */
export function openwrtImage(version: string, target: string): string {
  const [, series] = /^(\d+\.\d+)-SNAPSHOT$/.exec(version) ?? [];
  const tag = version === 'SNAPSHOT' ? 'main' : series === undefined ? `v${version}` : `openwrt-${series}`;
  return `${OPENWRT}:${target.replace('/', '-')}-${tag}`;
}

/** OpenWrt's image with the tools of an ImageBuilder, and none in it. */
export const OPENWRT_TOOLS_IMAGE = `${OPENWRT}:latest`;
