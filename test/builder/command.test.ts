import { describe, expect, it } from 'vitest';
import { renderImageArguments } from '../../src/builder/local/command.ts';
import { parseVersionMk } from '../../src/builder/local/version-mk.ts';
import { codeOf } from '../release/code-of.ts';

const GOOD = {
  profile: 'tplink_archer-c6-v2',
  packages: ['map', '-ppp', 'libubox~2024'],
  extraImageName: 'mape-1a2b3c4d',
  filesDir: '/var/tmp/w/files',
  binDir: '/var/tmp/w/bin',
};

describe('renderImageArguments', () => {
  it('names the target and five variables', () => {
    expect(renderImageArguments(GOOD)).toEqual([
      'image',
      'PROFILE=tplink_archer-c6-v2',
      'PACKAGES=map -ppp libubox~2024',
      'FILES=/var/tmp/w/files',
      'BIN_DIR=/var/tmp/w/bin',
      'EXTRA_IMAGE_NAME=mape-1a2b3c4d',
    ]);
  });

  it.each([
    ['a command in PROFILE', { profile: '$(shell touch /tmp/x)' }, 'ARGUMENT_UNSAFE'],
    ['two profiles', { profile: 'a b' }, 'ARGUMENT_UNSAFE'],
    ['no profile, which would take the first', { profile: '' }, 'ARGUMENT_UNSAFE'],
    ['a command in PACKAGES', { packages: ['`touch /tmp/x`'] }, 'PACKAGE_NAME_INVALID'],
    ['a version that leaks', { packages: ['map=7'] }, 'PACKAGE_VERSION_PINNED'],
    ['a hash in EXTRA_IMAGE_NAME', { extraImageName: 'a#b' }, 'ARGUMENT_UNSAFE'],
    ['a slash in EXTRA_IMAGE_NAME', { extraImageName: 'a/b' }, 'ARGUMENT_UNSAFE'],
    ['a blank in FILES', { filesDir: '/tmp/a b' }, 'ARGUMENT_UNSAFE'],
    ['a relative BIN_DIR', { binDir: 'out' }, 'ARGUMENT_UNSAFE'],
    ['a dollar in BIN_DIR', { binDir: '/tmp/$x' }, 'ARGUMENT_UNSAFE'],
  ])('refuses %s', (_, change, code) => {
    expect(codeOf(() => renderImageArguments({ ...GOOD, ...change }))).toBe(code);
  });
});

describe('parseVersionMk', () => {
  const real = [
    'REVISION:=r28959-29397011cc',
    'SOURCE_DATE_EPOCH:=1760891865',
    'VERSION_NUMBER:=$(call qstrip,$(CONFIG_VERSION_NUMBER))',
    'VERSION_NUMBER:=$(if $(VERSION_NUMBER),$(VERSION_NUMBER),24.10.4)',
  ].join('\n');
  it.each([
    [
      'the default of a release',
      real,
      'CONFIG_VERSION_NUMBER=""\n',
      { version: '24.10.4', sourceDateEpochSec: 1_760_891_865 },
    ],
    [
      'a version from .config',
      real,
      'CONFIG_VERSION_NUMBER="24.10-custom"\n',
      { version: '24.10-custom', sourceDateEpochSec: 1_760_891_865 },
    ],
    [
      'a plain assignment',
      'VERSION_NUMBER:=24.10.0-sample\nSOURCE_DATE_EPOCH:=1\n',
      '',
      { version: '24.10.0-sample', sourceDateEpochSec: 1 },
    ],
    ['nothing', '', '', { version: undefined, sourceDateEpochSec: undefined }],
  ])('%s', (_, versionMk, config, expected) => {
    expect(parseVersionMk(versionMk, config)).toEqual(expected);
  });
});
