import { posix } from 'node:path';
import type { Finding } from '../errors.ts';
import type { SecretSource, SshKeySource, WifiNetwork } from './config.ts';
import { describeFinding, sortFindings } from './finding.ts';
import { describeIssue, describeUnknownKey, valueAt } from './issue.ts';
import type { LayerName, LayerResult } from './layer.ts';
import { formatSettingPath, isOneLine, isSecretPath, type SettingPath } from './problem.ts';
import { configSchema, type LayerValues } from './schema.ts';
import { findSpot, type Spots } from './spot.ts';

export interface LayerInput {
  readonly layer: LayerName;
  /** Plain values as they were read. */
  readonly value: unknown;
  readonly spots: Spots;
  /** What reading found already; a value refused there is not judged again. */
  readonly findings: readonly Finding[];
  /** Folder that relative paths start from; absent: the working directory. */
  readonly folder?: string;
}

/**
 * Judge the values of one source by the schema: all findings in order of place, and the settings that hold.
 *
 * One top-level key that is refused leaves the others in force, so that checks across settings find what they can.
 */
export function readLayer(input: LayerInput): LayerResult {
  const { layer, value, spots } = input;
  if (value === undefined) return { findings: sortFindings(input.findings) };
  const empty = { layer, values: {}, spots, rejected: new Set<string>() };
  if (value === null) return { layer: empty, findings: sortFindings(input.findings) };
  if (!isMapping(value))
    return {
      findings: [
        describeFinding({
          code: 'CONFIG_WRONG_TYPE',
          path: [],
          spot: findSpot(spots, []),
          wanted: 'a mapping of names to values',
          hint: 'write settings as name: value',
          details: { types: ['object'], foundType: Array.isArray(value) ? 'list' : 'text' },
        }),
      ],
    };

  const findings = [
    ...input.findings,
    ...findUnreadable(value, spots),
    ...findLiteralSecrets(layer, value, spots),
  ];
  const refused = new Set(findings.filter(isError).map(({ details }) => details?.path));
  const rejected = new Set<string>();
  const accepted: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value)) {
    const judged = judgeKey(key, member, value, spots).filter(
      ({ details }, index, all) =>
        !refused.has(details?.path) &&
        index === all.findIndex((other) => other.details?.path === details?.path),
    );
    findings.push(...judged);
    const inside = (path: unknown) =>
      typeof path === 'string' && (path === key || path.startsWith(`${key}.`) || path.startsWith(`${key}[`));
    if (judged.some(isError) || [...refused].some(inside)) rejected.add(key);
    else accepted[key] = member;
  }
  const values = rebasePaths(configSchema.parse(accepted), input.folder ?? '.');
  return {
    layer: { layer, values, spots, rejected },
    findings: sortFindings(dropWarningsAtErrors(findings)),
  };
}

function judgeKey(key: string, member: unknown, settings: object, spots: Spots): readonly Finding[] {
  const schema = Object.entries(configSchema.shape).find(([name]) => name === key)?.[1];
  if (schema === undefined) return [describeUnknownKey([key], spots)];
  const result = schema.safeParse(member);
  return result.success
    ? []
    : result.error.issues.flatMap((issue) => describeIssue(issue, [key], settings, spots));
}

function findUnreadable(settings: unknown, spots: Spots): readonly Finding[] {
  return listTexts(settings, []).flatMap((path) => {
    const text = String(valueAt(settings, path));
    if (isOneLine(text)) return [];
    // the value stays out of the sentence: a key pasted as a block may be a private one
    return [
      describeFinding({
        code: 'CONFIG_BAD_TEXT',
        path,
        spot: findSpot(spots, path),
        wanted: 'text of one line without control characters',
        hint: text.endsWith('\n')
          ? 'write the text behind the colon, or under ">-" instead of "|" or ">"'
          : 'remove line ends, tabs and other control characters',
      }),
    ];
  });
}

/** Secrets that stand in the settings themselves: a warning in a file, an error in a flag or in the environment. */
function findLiteralSecrets(layer: LayerName, settings: unknown, spots: Spots): readonly Finding[] {
  const inFile = layer === 'project' || layer === 'user';
  return listTexts(settings, [])
    .filter((path) => isSecretPath(formatSettingPath(path)))
    .map((path) => {
      const common = { path, spot: findSpot(spots, path) };
      const ofUci = path[0] === 'uci';
      if (!inFile)
        return describeFinding({
          ...common,
          code: 'CONFIG_SECRET_IN_FLAG',
          wanted: 'a secret in a file or under an environment name of its own, not in a flag',
          hint: ofUci
            ? 'put it into the settings file'
            : `write --set ${formatSettingPath(path)}.env=NAME, or name a file in the settings file`,
        });
      return describeFinding({
        ...common,
        severity: 'warning',
        code: ofUci ? 'CONFIG_UCI_SECRET' : 'CONFIG_LITERAL_SECRET',
        wanted: 'secrets outside the settings',
        hint: ofUci
          ? 'keep this file private; do not share or commit it'
          : 'write { file: secrets/name } or { env: NAME }, and keep that private',
      });
    });
}

/** Paths of all texts and numbers inside plain values. */
function listTexts(value: unknown, path: SettingPath): readonly SettingPath[] {
  if (typeof value === 'string' || typeof value === 'number') return [path];
  if (Array.isArray(value)) return value.flatMap((item, index) => listTexts(item, [...path, index]));
  if (!isMapping(value)) return [];
  return Object.entries(value).flatMap(([key, member]) => listTexts(member, [...path, key]));
}

function isMapping(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isError(finding: Finding): boolean {
  return finding.severity === 'error';
}

function dropWarningsAtErrors(findings: readonly Finding[]): readonly Finding[] {
  const wrong = new Set(findings.filter(isError).map(({ details }) => details?.path));
  return findings.filter((finding) => isError(finding) || !wrong.has(finding.details?.path));
}

/** Let relative paths start from the working directory instead of the folder of the file that names them. */
function rebasePaths(values: LayerValues, folder: string): LayerValues {
  if (folder === '.') return values;
  const { rule, files, wifi, ssh, root, ...rest } = values;
  const rebase = (path: string) => (posix.isAbsolute(path) ? path : posix.join(folder, path));
  const rebaseSecret = (secret: SecretSource): SecretSource =>
    'file' in secret ? { file: rebase(secret.file) } : secret;
  const rebaseKey = (key: SshKeySource): SshKeySource =>
    typeof key === 'string' ? key : { file: rebase(key.file) };
  const rebaseNetwork = (network: WifiNetwork<SecretSource>): WifiNetwork<SecretSource> =>
    network.key === undefined ? network : { ...network, key: rebaseSecret(network.key) };
  return {
    ...rest,
    ...(rule === undefined ? {} : { rule: rebase(rule) }),
    ...(files === undefined
      ? {}
      : { files: files.map((own) => ({ ...own, content: { source: rebase(own.content.source) } })) }),
    ...(wifi === undefined ? {} : { wifi: { ...wifi, networks: wifi.networks?.map(rebaseNetwork) } }),
    ...(ssh === undefined ? {} : { ssh: { ...ssh, authorizedKeys: ssh.authorizedKeys?.map(rebaseKey) } }),
    ...(root === undefined
      ? {}
      : {
          root: {
            passwordHash: root.passwordHash === undefined ? undefined : rebaseSecret(root.passwordHash),
          },
        }),
  };
}
