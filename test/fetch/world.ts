import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Details } from '../../src/errors.ts';
import { type FetchedImageBuilder, type FetchOptions, fetchImageBuilder } from '../../src/flow/fetch.ts';
import type { KeysOf } from '../../src/flow/fetch-cached.ts';
import { createHttpPort, type HttpLimits } from '../../src/io/http.ts';
import { createNodePorts } from '../../src/io/node.ts';
import type { Ports, StepId } from '../../src/io/ports.ts';
import { createTempDir } from '../io/ports.ts';
import { type Mirror, makeTestKey, startMirror, type TestKey } from './mirror.ts';

/** Bytes that stand for an archive; each number gives others. */
export function fakeTarball(seed: number, sizeBytes = 300_000): Buffer {
  return Buffer.alloc(
    sizeBytes,
    Buffer.from(Array.from({ length: 251 }, (_, index) => (index * seed) % 256)),
  );
}

export interface Told {
  readonly steps: { readonly id: StepId; readonly details: Details }[];
  readonly warnings: string[];
}

/** A server, a cache and a key, for one test. */
export interface World {
  readonly mirror: Mirror;
  readonly key: TestKey;
  readonly cacheDir: string;
  readonly keysOf: KeysOf;
  readonly told: Told;
  ports(options?: { readonly signal?: AbortSignal; readonly nowMs?: () => number }): Ports;
  fetch(options?: Partial<FetchOptions>, ports?: Ports): Promise<FetchedImageBuilder>;
  /** Names in a folder of the cache. */
  names(folder: string): readonly string[];
}

const LIMITS: Partial<HttpLimits> = { backoffMs: 1, maxTries: 3, idleTimeoutMs: 5000 };

export const C6 = 'tplink_archer-c6-v2';

/** With 24.10.7 and 24.10.8 for ath79/generic on the server. */
export async function createWorld(more: Partial<HttpLimits> = {}): Promise<World> {
  const mirror = await startMirror();
  onTestFinished(() => mirror.close());
  const key = makeTestKey();
  const target = 'ath79/generic';
  mirror.addRelease({ release: '24.10.7', target, tarball: fakeTarball(7), key, revision: 'r28807-aaa' });
  mirror.addRelease({ release: '24.10.8', target, tarball: fakeTarball(97), key });
  const cacheDir = join(createTempDir(), 'cache');
  const keysOf = () => [key.public];
  const told: Told = { steps: [], warnings: [] };
  const ports: World['ports'] = ({ signal = new AbortController().signal, nowMs } = {}) => {
    const made = createNodePorts({
      reporter: {
        step: (id, details) => void told.steps.push({ id, details: details ?? {} }),
        progress: (id, details) => void told.steps.push({ id, details: details ?? {} }),
        warn: ({ code }) => void told.warnings.push(code),
        detail: () => undefined,
      },
      signal,
      env: { PATH: process.env.PATH, HOME: '/nonexistent' },
      cwd: '/',
    });
    const http = createHttpPort({ env: {}, signal, limits: { ...LIMITS, ...more } });
    return { ...made, http, ...(nowMs === undefined ? {} : { nowMs }) };
  };
  return {
    mirror,
    key,
    cacheDir,
    keysOf,
    told,
    ports,
    fetch: (options = {}, given = ports()) =>
      fetchImageBuilder(given, { profile: C6, mirror: mirror.url, cacheDir, keysOf, ...options }),
    names: (folder) => {
      try {
        return readdirSync(join(cacheDir, folder)).sort();
      } catch {
        return [];
      }
    },
  };
}
