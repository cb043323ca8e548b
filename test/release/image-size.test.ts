import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findImageSize } from '../../src/release/image-size.ts';

const COMMON = `define Device/tplink
  TPLINK_HWREV := 0x1
endef

define Device/tplink-8m
  $(Device/tplink)
  IMAGE_SIZE := 7936k
endef
`;
const DEVICES = `include ./common-tp-link.mk

define Device/tplink_archer-c6-v2
  $(Device/tplink)
  SOC := qca9563
  IMAGE_SIZE := 7808k
  DEVICE_MODEL := Archer C6
endef
TARGET_DEVICES += tplink_archer-c6-v2

define Device/inherits
  $(Device/tplink-8m)
  DEVICE_MODEL := Other
endef

define Device/overrides
  $(Device/tplink-8m)
  IMAGE_SIZE = 16m
endef

define Device/computed
  IMAGE_SIZE := $(call exp_units,8m)
endef

define Device/plain
  IMAGE_SIZE:=123456
endef

define Device/none
  SOC := x
endef

define Device/loop
  $(Device/loop)
endef
`;

describe('findImageSize', () => {
  it.each([
    ['its own', 'tplink_archer-c6-v2', 7_995_392],
    ['that of what it includes', 'inherits', 7936 * 1024],
    ['its own behind that of what it includes', 'overrides', 16 * 1024 * 1024],
    ['bytes', 'plain', 123_456],
    ['none where it is computed', 'computed', undefined],
    ['none where it is not said', 'none', undefined],
    ['none of a device that is not there', 'nowhere', undefined],
    ['none of a definition that includes itself', 'loop', undefined],
  ])('%s', (_name, profile, bytes) => {
    expect(findImageSize([COMMON, DEVICES], profile)).toBe(bytes);
  });

  it('text of any kind gives a number or nothing', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const found = findImageSize([text, `define Device/a\n${text}\nendef\n`], 'a');
        expect(found === undefined || Number.isSafeInteger(found)).toBe(true);
      }),
    );
  });
});
