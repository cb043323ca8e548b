import { ReleaseError } from './errors.ts';

declare const brand: unique symbol;

/** Target and subtarget: `ath79/generic`. */
export type TargetName = string & { readonly [brand]: 'TargetName' };

const TARGET = /^[a-z0-9][a-z0-9_-]{0,31}\/[a-z0-9][a-z0-9_-]{0,31}$/;

/** Whether a text has the form of a target; it becomes part of an address and of a file name. */
export function isTargetName(text: string): text is TargetName {
  return TARGET.test(text);
}

/**
 * Accept a target as a person writes it.
 *
 * @throws ReleaseError TARGET_INVALID
 */
export function parseTargetName(text: string): TargetName {
  const target = text.trim();
  if (isTargetName(target)) return target;
  throw new ReleaseError('TARGET_INVALID', {
    message: `wanted a target such as ath79/generic, found ${JSON.stringify(text)}`,
    hint: 'write target and subtarget with a slash between them, as on the page of the device at openwrt.org',
    details: { target: text },
  });
}

/** The target in a file name: `ath79-generic`. */
export function targetInFileName(target: TargetName): string {
  return target.replace('/', '-');
}
