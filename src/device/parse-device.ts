import { z } from 'zod';
import type { Finding } from '../errors.ts';
import type { DeviceProfile } from './device.ts';
import { DeviceError } from './errors.ts';

const line = z.string().min(1).max(600);
const series = z.string().regex(/^[0-9]{2}\.[0-9]{2}$/);
const figure = z.strictObject({ value: z.int().nonnegative(), source: line });
const item = z
  .strictObject({ package: z.string().regex(/^-?[A-Za-z0-9][A-Za-z0-9_.+-]*$/), reason: line })
  .transform((entry) => ({
    name: entry.package.replace(/^-/, ''),
    removed: entry.package.startsWith('-'),
    reason: entry.reason,
  }));

const about = { bytes: figure, plusMinusBytes: z.int().nonnegative() };
const flash = z.strictObject({
  sizeBytes: figure,
  firmwareOffsetBytes: figure,
  firmwareSizeBytes: figure,
  eraseBlockBytes: figure,
  limits: z.strictObject({
    buildsContentBytes: figure,
    forgetsSettingsContentBytes: figure,
    recommendedContentBytes: figure,
  }),
});

const recovery = z.strictObject({
  method: z.literal('tftp'),
  serverAddress: z.ipv4(),
  fileName: z.string().regex(/^[A-Za-z0-9_.-]+$/),
  image: z.literal('factory'),
  steps: z.array(line).min(1),
  confidence: z.enum(['verified', 'documented', 'derived']),
  source: line,
});

const device = z
  .strictObject({
    id: z.string().regex(/^(?:_default|[A-Za-z0-9][A-Za-z0-9_.,-]*)$/),
    title: line,
    target: z
      .string()
      .regex(/^[a-z0-9]+\/[a-z0-9_]+$/)
      .optional(),
    supportedDevices: z.array(line).default([]),
    ramBytes: figure.optional(),
    flash: flash.optional(),
    recovery: recovery.optional(),
    notes: z.array(line).default([]),
    recommendedSeries: z.strictObject({ value: series, source: line }).optional(),
    content: z.record(series, z.strictObject({ ...about, packages: z.array(line) })).default({}),
    packageBytes: z.record(line, z.strictObject(about)).default({}),
    packages: z.record(series, z.array(item)),
  })
  .transform(({ target, ramBytes, flash: flashOfDevice, recovery: recoveryOfDevice, ...more }) => {
    const { recommendedSeries, packages, content, packageBytes, ...rest } = more;
    return {
      ...rest,
      ...(target === undefined ? {} : { target }),
      ...(ramBytes === undefined ? {} : { ramBytes }),
      ...(flashOfDevice === undefined ? {} : { flash: flashOfDevice }),
      ...(recoveryOfDevice === undefined ? {} : { recovery: recoveryOfDevice }),
      ...(recommendedSeries === undefined ? {} : { recommendedSeries }),
      content: Object.entries(content).map(([of, known]) => ({ series: of, ...known })),
      packageBytes: Object.entries(packageBytes).map(([name, known]) => ({ name, ...known })),
      packages: Object.entries(packages)
        .map(([of, items]) => ({ series: of, items }))
        .sort((a, b) => (a.series < b.series ? -1 : 1)),
    };
  });

/**
 * Read the plain values of a `profiles/devices/*.yaml`; unknown keys are errors.
 *
 * @param name file name, for findings
 * @throws DeviceError DEVICE_INVALID with a finding for each place
 */
export function parseDevice(value: unknown, name = 'device'): DeviceProfile {
  const result = device.safeParse(value);
  if (result.success) return result.data;
  const findings = result.error.issues.map((issue): Finding => {
    const path = issue.path.map(String).join('.');
    return {
      severity: 'error',
      code: 'DEVICE_INVALID',
      message: `${name}: ${path === '' ? 'device' : path}: ${issue.message.toLowerCase()}`,
      details: { path, problem: issue.code },
    };
  });
  throw new DeviceError('DEVICE_INVALID', {
    message: `${name} is no device profile: ${findings.length} places are wrong`,
    hint: 'compare it with profiles/devices/tplink_archer-c6-v2.yaml',
    details: { name, count: findings.length },
    findings,
  });
}
