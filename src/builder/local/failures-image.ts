import type { Explanation, FailedBuild } from './failures.ts';
import { computeMisfits } from './fit.ts';

/** An image that is too big: by how much, and which one, sysupgrade before all others. */
export function explainMisfit({ stderr, fd8, sizes, profile, advice }: FailedBuild): Explanation {
  const misfits = computeMisfits(stderr, fd8, sizes);
  const worst = misfits.find(({ image }) => image === 'sysupgrade') ?? misfits[0];
  if (worst === undefined) return undefined;
  const { image, limitBytes, sizeBytes, overBytes } = worst;
  const found = sizeBytes === undefined ? 'more' : `${sizeBytes} bytes: ${overBytes} too many`;
  return {
    message: `wanted a ${image} image of ${profile} with at most ${limitBytes} bytes of kernel and files, found ${found}`,
    hint: 'leave out packages with --remove, or add fewer; LuCI and its languages are the largest',
    ...(advice === undefined ? {} : { findings: advice }),
    details: {
      profile,
      image,
      images: misfits.map((misfit) => misfit.image),
      limitBytes,
      ...(sizeBytes === undefined ? {} : { sizeBytes }),
      ...(overBytes === undefined ? {} : { overBytes }),
      ...(sizes.kernelBytes === undefined ? {} : { kernelBytes: sizes.kernelBytes }),
      ...(sizes.rootfsBytes === undefined ? {} : { rootfsBytes: sizes.rootfsBytes }),
    },
  };
}

/**
 * A run that ended well and made nothing to flash: the release does not build images for the device, or a step gave one
 * up and make went on.
 *
 * @see OpenWrt include/image.mk (Device/Check, DEFAULT := n); scripts/json_add_image_info.py
 */
export function explainNotBuilt({ exitCode, stdout, profile }: FailedBuild): Explanation {
  if (exitCode !== 0) return undefined;
  const givenUp = /^Skip JSON creation for non existing file /m.test(stdout);
  return {
    message: `wanted an image of ${profile} to upgrade OpenWrt with, found that the ImageBuilder ${givenUp ? 'gave it up on the way' : 'made none'}`,
    hint: givenUp
      ? 'read the lines shown; the full log has the rest'
      : 'this release does not build for the device, or only for installing by other means; see its page on openwrt.org',
    details: { profile, givenUp },
  };
}
