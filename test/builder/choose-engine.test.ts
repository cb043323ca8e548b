import { describe, expect, it } from 'vitest';
import { chooseEngine, resolveContainerImage } from '../../src/flow/choose-engine.ts';
import { codeOf, createTestPorts } from '../io/ports.ts';

describe('chooseEngine', () => {
  it.each([
    ['linux', 'x64', 'local'],
    ['linux', 'arm64', 'container'],
    ['darwin', 'arm64', 'container'],
    ['darwin', 'x64', 'container'],
  ] as const)('takes on %s %s the engine %s', (platform, arch, engine) => {
    expect(chooseEngine('auto', { platform, arch })).toBe(engine);
    expect(chooseEngine('local', { platform, arch })).toBe('local');
    expect(chooseEngine('container', { platform, arch })).toBe('container');
  });
});

describe('resolveContainerImage', () => {
  const ports = createTestPorts();
  const wish = { profile: 'tplink_archer-c6-v2', release: '24.10.4' };

  it('needs no network for a whole release of a known device', async () => {
    expect(await resolveContainerImage(ports, wish, { offline: true })).toBe(
      'ghcr.io/openwrt/imagebuilder:ath79-generic-v24.10.4',
    );
  });

  it.each([
    ['a series', { ...wish, release: '24.10' }],
    ['a device it does not know', { ...wish, profile: 'nobody_nothing' }],
    ['no release', { ...wish, release: undefined }],
  ])('says offline that it cannot name the image of %s', async (_, other) => {
    expect(await codeOf(resolveContainerImage(ports, other, { offline: true }))).toBe(
      'ENGINE_RELEASE_UNKNOWN',
    );
  });
});
