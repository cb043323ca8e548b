import { join, resolve } from 'node:path';
import type { ResolvedConfig } from '../config/config.ts';
import { verifyNoErrors } from '../config/errors.ts';
import { type ExplainedSetting, explainConfig } from '../config/explain.ts';
import { type FlagValues, parseEnvLayer, parseFlagLayer } from '../config/flags.ts';
import type { LayerResult } from '../config/layer.ts';
import { mergeLayers } from '../config/merge.ts';
import { parseConfigText } from '../config/parse.ts';
import { applyConfigSources, listConfigSources } from '../config/sources.ts';
import type { Finding } from '../errors.ts';
import type { Ports } from '../io/ports.ts';

export interface ConfigRequest {
  readonly flags: FlagValues;
  /** File the user named; absent: `mape-image.yaml` in the working folder, where there is one. */
  readonly path: string | undefined;
}

export interface LoadedConfig {
  readonly config: ResolvedConfig;
  readonly explained: readonly ExplainedSetting[];
  readonly warnings: readonly Finding[];
}

export const PROJECT_FILE = 'mape-image.yaml';

/**
 * Read the settings of all layers, and nothing of what they refer to.
 *
 * @throws ConfigError CONFIG_INVALID with every finding; IoError where the file that was named cannot be read
 */
export async function mergeConfig(
  ports: Ports,
  request: ConfigRequest,
): Promise<ReturnType<typeof mergeLayers>> {
  const layers = [
    parseFlagLayer(request.flags),
    parseEnvLayer(ports.env),
    ...(await readProjectLayer(ports, request.path)),
    ...(await readUserLayer(ports)),
  ];
  const findings = layers.flatMap((layer) => layer.findings);
  const merged = mergeLayers(layers.flatMap(({ layer }) => (layer === undefined ? [] : [layer])));
  findings.push(...merged.findings);
  verifyNoErrors(findings);
  return { ...merged, findings };
}

/**
 * Read the settings of all layers and what they refer to: secrets, keys, files.
 *
 * @throws ConfigError CONFIG_INVALID with every finding; IoError where a file that was named cannot be read
 */
export async function loadConfig(ports: Ports, request: ConfigRequest): Promise<LoadedConfig> {
  const merged = await mergeConfig(ports, request);
  const findings = [...merged.findings];
  const sources = listConfigSources(merged.config);
  const files = new Map<string, Uint8Array>();
  for (const path of sources.files) {
    const absolute = resolve(ports.cwd, path);
    if ((await ports.files.kind(absolute)) === 'file') files.set(path, await ports.files.readFile(absolute));
  }
  const envs = new Map(
    sources.envs.flatMap((name) => (ports.env[name] === undefined ? [] : [[name, ports.env[name]]])),
  );
  const applied = applyConfigSources(merged.config, { files, envs });
  findings.push(...applied.findings);
  verifyNoErrors(findings);
  if (applied.config === undefined) throw new TypeError('settings without errors that are not whole');
  return {
    config: applied.config,
    explained: explainConfig(merged.config, merged.origins),
    warnings: findings,
  };
}

async function readProjectLayer(ports: Ports, path: string | undefined): Promise<LayerResult[]> {
  if (path !== undefined)
    return [parseConfigText(await ports.files.readText(resolve(ports.cwd, path)), path)];
  const standard = resolve(ports.cwd, PROJECT_FILE);
  if ((await ports.files.kind(standard)) !== 'file') return [];
  return [parseConfigText(await ports.files.readText(standard), PROJECT_FILE)];
}

/** XDG Base Directory Specification: `$XDG_CONFIG_HOME`, else `~/.config`. */
async function readUserLayer(ports: Ports): Promise<LayerResult[]> {
  const { XDG_CONFIG_HOME, HOME } = ports.env;
  const folder = XDG_CONFIG_HOME || (HOME ? join(HOME, '.config') : undefined);
  if (folder === undefined) return [];
  const path = join(folder, 'mape-image', 'config.yaml');
  if ((await ports.files.kind(path)) !== 'file') return [];
  return [parseConfigText(await ports.files.readText(path), path, 'user')];
}
