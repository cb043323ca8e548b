import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type DeviceProfile, selectDevicePackages } from '../../src/device/device.ts';
import { DeviceError } from '../../src/device/errors.ts';
import { parseDevice } from '../../src/device/parse-device.ts';

const FOLDER = new URL('../../profiles/devices/', import.meta.url);
const names = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'));

function readDevice(id: string): DeviceProfile {
  return parseDevice(parse(readFileSync(new URL(`${id}.yaml`, FOLDER), 'utf8')), id);
}

describe('the device files', () => {
  it.each(names)('%s is read and carries its own name as id', (name) => {
    expect(`${readDevice(name.replace('.yaml', '')).id}.yaml`).toBe(name);
  });

  it('there is a default, and it concludes nothing about flash', () => {
    const device = readDevice('_default');
    expect([device.flash, device.recovery]).toEqual([undefined, undefined]);
    expect(selectDevicePackages(device, '24.10').map(({ name }) => name)).toEqual(['luci']);
  });

  it('the Archer C6 v2 has the figures of its flash', () => {
    const { flash, ramBytes } = readDevice('tplink_archer-c6-v2');
    expect(ramBytes?.value).toBe(128 * 1024 * 1024);
    expect(flash?.sizeBytes.value).toBe(8 * 1024 * 1024);
    expect(flash?.firmwareOffsetBytes.value).toBe(0x030000);
    expect(flash?.firmwareSizeBytes.value).toBe(0x7a0000);
    expect(flash?.limits.buildsContentBytes.value).toBe(7_798_784);
    expect(flash?.limits.forgetsSettingsContentBytes.value).toBe(7_667_712);
    expect(flash?.limits.recommendedContentBytes.value).toBe(7_471_104);
  });

  const withFlash = names
    .map((name) => readDevice(name.replace('.yaml', '')))
    .filter(({ flash }) => flash !== undefined);

  it.each(withFlash)('$id: the limits follow from the layout', ({ flash }) => {
    if (flash === undefined) throw new Error('no flash');
    const block = flash.eraseBlockBytes.value;
    const offset = flash.firmwareOffsetBytes.value;
    const size = flash.firmwareSizeBytes.value;
    // kernel and rootfs are padded to a block of the flash; jffs2 has what is behind, five blocks at least
    const blocksLeft = (content: number) =>
      (offset + size - Math.ceil((offset + content) / block) * block) / block;
    const { buildsContentBytes, forgetsSettingsContentBytes, recommendedContentBytes } = flash.limits;
    expect(offset + buildsContentBytes.value).toBe(size);
    expect(blocksLeft(recommendedContentBytes.value)).toBe(8);
    expect(blocksLeft(forgetsSettingsContentBytes.value)).toBe(5);
    expect(forgetsSettingsContentBytes.value).toBeLessThanOrEqual(buildsContentBytes.value);
  });

  it('recovery says how sure it is', () => {
    expect(readDevice('tplink_archer-c6-v2').recovery).toMatchObject({
      serverAddress: '192.168.0.66',
      fileName: 'ArcherC6v2_tp_recovery.bin',
      confidence: 'documented',
    });
    expect(readDevice('tplink_archer-c6-v2-us').recovery?.confidence).toBe('derived');
  });
});

describe('default packages', () => {
  const device = readDevice('tplink_archer-c6-v2');
  const listed = (series: string) =>
    selectDevicePackages(device, series).map(({ name, removed }) => `${removed ? '-' : ''}${name}`);

  it.each([
    ['22.03', 'luci'],
    ['23.05', 'luci'],
    ['24.10', 'luci'],
    ['25.12', 'luci-light'],
    ['26.06', 'luci-light'],
    ['21.02', 'luci'],
  ])('%s has %s and no PPP', (series, luci) => {
    expect(listed(series)).toEqual([luci, '-ppp', '-ppp-mod-pppoe']);
  });
});

describe('parseDevice', () => {
  const valid = { id: 'a_b', title: 'A B', packages: { '24.10': [{ package: 'luci', reason: 'r' }] } };

  it('reads the least there can be', () => {
    expect(parseDevice(valid)).toEqual({
      id: 'a_b',
      title: 'A B',
      supportedDevices: [],
      notes: [],
      content: [],
      packageBytes: [],
      packages: [{ series: '24.10', items: [{ name: 'luci', removed: false, reason: 'r' }] }],
    });
  });

  it.each([
    ['nothing', null],
    ['a text', 'a'],
    ['an unknown key', { ...valid, flsh: {} }],
    ['no title', { id: 'a', packages: {} }],
    ['a figure without source', { ...valid, ramBytes: { value: 1 } }],
    ['a figure that is negative', { ...valid, ramBytes: { value: -1, source: 's' } }],
    ['a package with a version', { ...valid, packages: { '24.10': [{ package: 'a=1', reason: 'r' }] } }],
    ['a package without reason', { ...valid, packages: { '24.10': [{ package: 'a' }] } }],
    ['a series that is a release', { ...valid, packages: { '24.10.1': [] } }],
  ])('%s is refused with its places', (_, value) => {
    try {
      parseDevice(value, 'x.yaml');
      expect.unreachable();
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error;
      expect(error.code).toBe('DEVICE_INVALID');
      expect(error.findings.length).toBe(error.details.count);
    }
  });
});
