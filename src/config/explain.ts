import type { JsonValue } from '../bytes/canonical-json.ts';
import type { Config, SecretSource, SshKeySource } from './config.ts';
import type { Origin } from './layer.ts';
import { isSecretPath } from './problem.ts';

/** One setting as `plan --explain` shows it. */
export interface ExplainedSetting {
  readonly path: string;
  /** Ready to print: a secret is its source (`{ file }`, `{ env }`), or `"(hidden)"`; `null` where nothing was set. */
  readonly value: JsonValue;
  readonly origin: Origin;
}

/** All settings with where each comes from, in the order of the settings file. */
export function explainConfig(
  config: Config,
  origins: ReadonlyMap<string, Origin>,
): readonly ExplainedSetting[] {
  const settings: [string, JsonValue][] = [
    ['prefix', config.prefix ?? null],
    ['profile', config.profile ?? null],
    ['release', config.release ?? null],
    ['service', config.service ?? 'auto'],
    ['rule', config.rule ?? null],
    ['line', config.line],
    ...(['add', 'remove'] as const).flatMap((side) =>
      config.packages[side].map((name, index): [string, JsonValue] => [`packages.${side}[${index}]`, name]),
    ),
    ['lan.address', config.lan.address ?? null],
    ['wan.dhcpv4', config.wan.dhcpv4],
    ['hostname', config.hostname ?? null],
    ['timezone', config.timezone],
    ['ntp', config.ntp],
    ['wifi.country', config.wifi?.country ?? null],
    [
      'wifi.networks',
      (config.wifi?.networks ?? []).map(({ key, ...rest }) => ({ ...rest, key: showSecret(key) })),
    ],
    ['ssh.authorizedKeys', config.ssh.authorizedKeys.map(showKey)],
    ['ssh.passwordLogin', config.ssh.passwordLogin ?? null],
    ['root.passwordHash', showSecret(config.rootPasswordHash)],
    ['ipv6.allow', config.ipv6.allow.map((opening) => ({ ...opening }))],
    ['forwards', config.forwards.map((forward) => ({ ...forward }))],
    ['reservedPorts', config.reservedPorts],
    [
      'files',
      config.files.map(({ path, mode, content }) => ({
        from: content.source,
        to: path,
        mode: formatMode(mode),
      })),
    ],
    ...config.uci.map((own): [string, JsonValue] => {
      const path = `uci.${own.config}.${own.section}.${own.option ?? '.type'}`;
      return [path, isSecretPath(path) ? HIDDEN : own.value];
    }),
  ];
  return settings.map(([path, value]) => ({ path, value, origin: origins.get(path) ?? DEFAULT }));
}

const HIDDEN = '(hidden)';
const DEFAULT: Origin = { layer: 'default', label: 'default' };

function showSecret(secret: SecretSource | undefined): JsonValue {
  if (secret === undefined) return null;
  return 'value' in secret ? HIDDEN : { ...secret };
}

function showKey(key: SshKeySource): JsonValue {
  return typeof key === 'string' ? key : { file: key.file };
}

function formatMode(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}
