import type { Finding } from '../errors.ts';
import type { Config, OwnFile, ResolvedConfig, SecretSource, SshKeySource, WifiNetwork } from './config.ts';
import { checkPasswordHash, checkSshKey } from './fields/login.ts';
import { checkWifiKey, checkWifiKeyUse } from './fields/wifi.ts';
import { describeFinding } from './finding.ts';
import { isOneLine, type Problem, type SettingPath } from './problem.ts';
import { type Spot, spotOfPlace } from './spot.ts';

/** What has to be read before the settings are whole: paths and environment names, each once, sorted. */
export interface ConfigSources {
  readonly files: readonly string[];
  readonly envs: readonly string[];
}

/** What was read; a name that is missing was not there. */
export interface SourceContents {
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly envs: ReadonlyMap<string, string>;
}

/** A file of the user's own that is larger would not fit beside anything else on small flash. */
const MAX_FILE_BYTES = 4 * 1024 * 1024;

/** The file with MAP rules (`rule`) is not among them: who calculates reads it. */
export function listConfigSources(config: Config): ConfigSources {
  const secrets = [config.rootPasswordHash, ...(config.wifi?.networks ?? []).map(({ key }) => key)];
  const files = [
    ...secrets.flatMap((secret) => (secret !== undefined && 'file' in secret ? [secret.file] : [])),
    ...config.ssh.authorizedKeys.flatMap((key) => (typeof key === 'string' ? [] : [key.file])),
    ...config.files.map(({ content }) => content.source),
  ];
  const envs = secrets.flatMap((secret) => (secret !== undefined && 'env' in secret ? [secret.env] : []));
  return { files: [...new Set(files)].sort(), envs: [...new Set(envs)].sort() };
}

/**
 * Put what was read in the place of its sources and check it as if it had stood in the settings.
 *
 * One line end behind a secret is dropped; a file of keys may hold blank lines and comments.
 *
 * @returns the whole settings, absent where a finding is an error; findings name the file or the environment name
 */
export function applyConfigSources(
  config: Config,
  contents: SourceContents,
): { readonly config?: ResolvedConfig; readonly findings: readonly Finding[] } {
  const findings: Finding[] = [];
  const read = new Reader(contents, findings);
  const passwordHash = config.rootPasswordHash;
  const resolved: ResolvedConfig = {
    ...config,
    wifi:
      config.wifi === undefined
        ? undefined
        : { ...config.wifi, networks: config.wifi.networks.map(read.network) },
    ssh: { ...config.ssh, authorizedKeys: [...new Set(config.ssh.authorizedKeys.flatMap(read.sshKeys))] },
    rootPasswordHash:
      passwordHash === undefined
        ? undefined
        : read.secret(passwordHash, ['root', 'passwordHash'], checkPasswordHash),
    files: config.files.map(read.ownFile),
  };
  return findings.length > 0 ? { findings } : { config: resolved, findings };
}

/** Reads values out of contents and gathers what is wrong with them; a value that is wrong comes out empty. */
class Reader {
  readonly #contents: SourceContents;
  readonly #findings: Finding[];

  constructor(contents: SourceContents, findings: Finding[]) {
    this.#contents = contents;
    this.#findings = findings;
  }

  readonly network = (network: WifiNetwork<SecretSource>, index: number): WifiNetwork<string> => {
    const { key, ...rest } = network;
    if (key === undefined) return rest;
    const check = (value: string) => checkWifiKey(value) ?? checkWifiKeyUse(value, network.encryption);
    return { ...rest, key: this.secret(key, ['wifi', 'networks', index, 'key'], check) };
  };

  readonly sshKeys = (key: SshKeySource, index: number): readonly string[] => {
    if (typeof key === 'string') return [key];
    const path = ['ssh', 'authorizedKeys', index];
    const text = this.#text(key.file, path);
    if (text === undefined) return [];
    const keys = text.split(/\r?\n/).flatMap((line, at) => {
      const trimmed = line.trim();
      if (trimmed === '' || trimmed.startsWith('#')) return [];
      const problem = isOneLine(trimmed) ? checkSshKey(trimmed) : BAD_LINE;
      if (problem !== undefined)
        this.#add(problem, path, spotOfPlace({ file: key.file, line: at + 1, column: 1 }));
      return [trimmed];
    });
    if (keys.length === 0) this.#add(NO_KEY, path, startOf(key.file));
    return keys;
  };

  readonly ownFile = (own: OwnFile<{ readonly source: string }>, index: number): OwnFile<Uint8Array> => {
    const path = ['files', index, 'from'];
    const bytes = this.#bytes(own.content.source, path) ?? new Uint8Array();
    if (bytes.length > MAX_FILE_BYTES)
      this.#findings.push(
        describeFinding({
          code: 'CONFIG_SOURCE_TOO_LARGE',
          path,
          spot: startOf(own.content.source),
          wanted: `at most ${MAX_FILE_BYTES} bytes`,
          found: bytes.length,
          hint: 'leave the file out of the image; copy it to the router later',
          details: { file: own.content.source, limitBytes: MAX_FILE_BYTES },
        }),
      );
    return { ...own, content: bytes };
  };

  secret(source: SecretSource, path: SettingPath, check: (value: string) => Problem | undefined): string {
    if ('value' in source) return source.value;
    const inFile = 'file' in source;
    const text = inFile ? this.#text(source.file, path) : this.#env(source.env, path);
    if (text === undefined) return '';
    const value = inFile ? text.replace(/\r?\n$/, '') : text;
    const problem = check(value);
    if (problem !== undefined)
      this.#add(problem, path, inFile ? startOf(source.file) : { label: source.env });
    return value;
  }

  #text(file: string, path: SettingPath): string | undefined {
    const bytes = this.#bytes(file, path);
    if (bytes === undefined) return undefined;
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    } catch {
      this.#add(NOT_UTF8, path, startOf(file), { file });
      return undefined;
    }
  }

  #bytes(file: string, path: SettingPath): Uint8Array | undefined {
    const bytes = this.#contents.files.get(file);
    if (bytes === undefined)
      this.#missing('the file', file, 'make the file, or correct its path', path, startOf(file));
    return bytes;
  }

  #env(name: string, path: SettingPath): string | undefined {
    const value = this.#contents.envs.get(name);
    if (value === undefined || value === '')
      this.#missing('the environment variable', name, 'set it for this run, or name a file instead', path, {
        label: name,
      });
    return value === '' ? undefined : value;
  }

  #missing(what: string, name: string, hint: string, path: SettingPath, spot: Spot): void {
    this.#findings.push(
      describeFinding({
        code: 'CONFIG_SOURCE_MISSING',
        path,
        spot,
        wanted: `${what} ${name}, found none`,
        hint,
        details: { source: name, kind: what === 'the file' ? 'file' : 'env' },
      }),
    );
  }

  #add(problem: Problem, path: SettingPath, spot: Spot, details = {}): void {
    this.#findings.push(
      describeFinding({ ...problem, path, spot, details: { ...problem.details, ...details } }),
    );
  }
}

const BAD_LINE: Problem = {
  code: 'CONFIG_BAD_SSH_KEY',
  wanted: 'an ssh public key',
  hint: 'give the file that ends in .pub',
  details: { reason: 'form' },
};

const NO_KEY: Problem = {
  code: 'CONFIG_BAD_SSH_KEY',
  wanted: 'at least one ssh public key',
  hint: 'give the file that ends in .pub',
  details: { reason: 'empty' },
};

const NOT_UTF8: Problem = {
  code: 'CONFIG_SOURCE_ENCODING',
  wanted: 'text in UTF-8',
  hint: 'save the file as UTF-8',
};

function startOf(file: string): Spot {
  return spotOfPlace({ file, line: 1, column: 1 });
}
