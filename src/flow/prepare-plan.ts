import type { BuilderInfo } from '../builder/types.ts';
import type { ResolvedConfig } from '../config/config.ts';
import { type DeviceProfile, selectDevicePackages } from '../device/device.ts';
import { resolveProfileId } from '../device/resolve-profile.ts';
import type { Finding } from '../errors.ts';
import { readProgramVersion } from '../io/package-files.ts';
import type { Ports } from '../io/ports.ts';
import { parsePrefixInput } from '../mape/input.ts';
import { makeCalculator } from '../mape/lookup.ts';
import { computePlan, type Planned } from '../plan/compute-plan.ts';
import { PlanError } from '../plan/errors.ts';
import { NEWEST_SERIES, parseSeries, type Series } from '../release/version.ts';
import { loadDevice, loadDevices, recommendSeries } from './devices.ts';
import { readUserRules } from './rules.ts';
import { loadServiceTable } from './services.ts';
import { readTemplates } from './templates.ts';

/**
 * Make the plan for settings, and for an ImageBuilder where there is one.
 *
 * @throws PlanError, MapeError, DeviceError, ReleaseError
 */
export async function preparePlan(
  ports: Ports,
  config: ResolvedConfig,
  builder?: BuilderInfo,
): Promise<Planned> {
  const prefix = need(
    config.prefix,
    'PLAN_PREFIX_MISSING',
    'no prefix is given',
    '--prefix 2400:4151:8000:1200::/64',
  );
  const wanted = need(
    config.profile,
    'PLAN_PROFILE_MISSING',
    'no profile is given',
    '--profile tplink_archer-c6-v2',
  );
  const profile = chooseProfile(wanted, builder);
  const device = loadDevice(profile);
  const series = chooseSeries(config.release, device, builder);
  const rules = config.rule === undefined ? undefined : await readUserRules(config.rule, ports.cwd);
  const mape = makeCalculator(loadServiceTable(), { service: config.service, rules })(prefix);
  const items = selectDevicePackages(device, series);
  const planned = computePlan({
    programVersion: readProgramVersion(),
    mape,
    prefixBits: parsePrefixInput(prefix).bits,
    config,
    profile,
    devicePackages: {
      add: items.filter(({ removed }) => !removed).map(({ name }) => name),
      remove: items.filter(({ removed }) => removed).map(({ name }) => name),
    },
    series,
    imagebuilder:
      builder === undefined
        ? null
        : {
            version: builder.version,
            target: builder.target,
            revision: builder.revision,
            packageManager: builder.packageManager,
          },
    templates: await readTemplates(ports),
  });
  const { plan } = planned;
  ports.reporter.step('planned', {
    profile,
    service: mape.service,
    ports: mape.portCount,
    files: plan.overlay.filter(({ type }) => type === 'file' || type === 'plan-id').length,
    id: plan.id.slice(0, 8),
  });
  return { ...planned, warnings: [...mape.warnings.map(toFinding), ...planned.warnings] };
}

function chooseProfile(wanted: string, builder: BuilderInfo | undefined): string {
  if (builder !== undefined) return resolveProfileId(wanted, builder.profiles);
  // Without an ImageBuilder only the devices described here are known by other names; any id may exist in one.
  return /^[A-Za-z0-9][A-Za-z0-9_.+-]*$/.test(wanted)
    ? wanted.replace(/^DEVICE_/, '')
    : resolveProfileId(wanted, loadDevices());
}

function chooseSeries(
  release: string | undefined,
  device: DeviceProfile,
  builder: BuilderInfo | undefined,
): Series {
  if (builder === undefined)
    return release === undefined ? (recommendSeries(device) ?? NEWEST_SERIES) : parseSeries(release);
  const series = parseSeries(builder.version);
  const fits =
    release === undefined ||
    builder.version === release ||
    builder.version.startsWith(`${release}.`) ||
    (series === 'snapshot' && parseSeries(release) === 'snapshot');
  if (fits) return series;
  throw new PlanError('PLAN_RELEASE_MISMATCH', {
    message: `release ${release} is wanted, but the ImageBuilder is ${builder.version}`,
    hint: 'leave the release out, or give the ImageBuilder of that release',
    details: { release, version: builder.version },
  });
}

function need(
  value: string | undefined,
  code: 'PLAN_PREFIX_MISSING' | 'PLAN_PROFILE_MISSING',
  message: string,
  example: string,
): string {
  if (value !== undefined) return value;
  throw new PlanError(code, {
    message,
    hint: `add ${example}, or write it into mape-image.yaml`,
    details: { example },
  });
}

function toFinding(warning: {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}): Finding {
  return { severity: 'warning', ...warning };
}
