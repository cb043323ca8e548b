import { resolve } from 'node:path';
import type { Readable } from 'node:stream';
import {
  checkLockedSettings,
  compareInputs,
  comparePackages,
  type InputChange,
  type PackageChange,
} from '../attest/compare-locks.ts';
import { parseLock } from '../attest/lock.ts';
import { parseRecordedPlan } from '../attest/recorded-plan.ts';
import type { Finding } from '../errors.ts';
import { compareImages, type ImageDifferences } from '../image/compare/images.ts';
import type { Ports } from '../io/ports.ts';
import { isRecord } from '../mape/rule-file.ts';
import { FlowError } from './errors.ts';
import { findImage } from './find-image.ts';
import { inspectImage, toCompared } from './inspect.ts';
import { readImage } from './read-image.ts';

/** A value at a path of two plans. */
export interface PlanChange {
  /** `packages`, `overlay./etc/config/network`, `mape.psid` */
  readonly path: string;
  /** As JSON; absent: it is not there. */
  readonly from: string | undefined;
  readonly to: string | undefined;
}

export type Differences =
  | { readonly kind: 'image'; readonly differences: ImageDifferences }
  | { readonly kind: 'plan'; readonly changes: readonly PlanChange[] }
  | {
      readonly kind: 'lock';
      readonly settings: readonly Finding[];
      readonly inputs: readonly InputChange[];
      readonly packages: readonly PackageChange[];
    };

type Side =
  | { readonly kind: 'image'; readonly bytes: Uint8Array }
  | { readonly kind: 'plan' | 'lock'; readonly text: string };

/**
 * What is different between two images, two plans or two locks; which of them it is, their content says.
 *
 * @param paths as the user wrote them; one of them may be `-` for standard input
 * @throws FlowError DIFF_KINDS_DIFFER, DIFF_UNKNOWN, INSPECT_*; AttestError LOCK_INVALID, RECORD_INVALID; ImageError
 */
export async function diffPaths(
  ports: Ports,
  paths: readonly [string, string],
  stdin: Readable,
): Promise<Differences> {
  const [a, b] = [await readSide(ports, paths[0], stdin), await readSide(ports, paths[1], stdin)];
  if (a.kind === 'image' && b.kind === 'image') {
    const from = toCompared(await inspectImage(a.bytes), paths[0]);
    const to = toCompared(await inspectImage(b.bytes), paths[1]);
    return { kind: 'image', differences: await compareImages(from, to) };
  }
  if (a.kind === 'plan' && b.kind === 'plan') {
    for (const { text } of [a, b]) parseRecordedPlan(text);
    return { kind: 'plan', changes: comparePlans(JSON.parse(a.text), JSON.parse(b.text)) };
  }
  if (a.kind === 'lock' && b.kind === 'lock') {
    const [wanted, found] = [parseLock(a.text, paths[0]), parseLock(b.text, paths[1])];
    return {
      kind: 'lock',
      settings: checkLockedSettings(wanted.config.settings, found.config.settings),
      inputs: compareInputs(wanted, found),
      packages: comparePackages(wanted, found),
    };
  }
  throw new FlowError('DIFF_KINDS_DIFFER', {
    message: `wanted two of one kind, found ${a.kind} and ${b.kind}`,
    hint: 'give two images, two plans or two locks',
    details: { first: a.kind, second: b.kind },
  });
}

async function readSide(ports: Ports, path: string, stdin: Readable): Promise<Side> {
  const file = path === '-' ? path : await findImage(ports, resolve(ports.cwd, path));
  const bytes = await readImage(ports, file, stdin);
  // no image begins with a brace
  if (bytes[0] !== 0x7b) return { kind: 'image', bytes };
  const text = Buffer.from(bytes).toString('utf8');
  const [, schema] = /"schema"\s*:\s*"mape-image\/(plan|lock)@/.exec(text) ?? [];
  if (schema === 'plan' || schema === 'lock') return { kind: schema, text };
  throw new FlowError('DIFF_UNKNOWN', {
    message: `wanted an image, a plan or a lock, found other JSON in ${path}`,
    hint: 'give an image, plan.json or lock.json, or the folder that build wrote',
    details: { path },
  });
}

/** Every leaf that is not the same, sorted by path; entries of the overlay go by their own path. */
function comparePlans(a: unknown, b: unknown): readonly PlanChange[] {
  const [from, to] = [listLeaves(a), listLeaves(b)];
  return [...new Set([...from.keys(), ...to.keys()])]
    .sort()
    .map((path) => ({ path, from: from.get(path), to: to.get(path) }))
    .filter((change) => change.from !== change.to);
}

function listLeaves(plan: unknown): ReadonlyMap<string, string> {
  const leaves = new Map<string, string>();
  const walk = (value: unknown, path: string): void => {
    if (path === 'overlay' && Array.isArray(value)) {
      for (const entry of value) leaves.set(`overlay.${pathOf(entry)}`, JSON.stringify(entry));
    } else if (isRecord(value)) {
      for (const [key, inner] of Object.entries(value)) walk(inner, path === '' ? key : `${path}.${key}`);
    } else leaves.set(path, JSON.stringify(value));
  };
  walk(plan, '');
  return leaves;
}

function pathOf(entry: unknown): string {
  return isRecord(entry) ? String(entry.path) : '?';
}
