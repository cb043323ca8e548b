import { scryptSync } from 'node:crypto';
import { canonicalJson, type JsonValue } from '../bytes/canonical-json.ts';
import { computeSha256, type Sha256 } from '../bytes/sha256.ts';
import type { ResolvedConfig } from '../config/config.ts';
import type { Finding } from '../errors.ts';
import type { MapeParameters } from '../mape/parameters.ts';
import { checkOverlay } from '../overlay/check.ts';
import type { FileTree, TreeEntry } from '../overlay/file-tree.ts';
import { type OverlayInput, PLAN_ID_PATH, renderOurs, renderOverlay } from '../overlay/render.ts';
import type { Series } from '../release/version.ts';
import { PlanError } from './errors.ts';
import { chooseLine } from './line.ts';
import { checkPackages, computePackages, type PackageWishes } from './packages.ts';
import type { Plan, PlannedEntry, PlannedImageBuilder } from './plan.ts';
import { computeSettings } from './settings.ts';

export interface PlanInput {
  readonly programVersion: string;
  readonly mape: MapeParameters;
  /** Length of the prefix as the user wrote it, in bits. */
  readonly prefixBits: number;
  readonly config: ResolvedConfig;
  readonly profile: string;
  readonly devicePackages: PackageWishes;
  readonly series: Series;
  readonly imagebuilder: PlannedImageBuilder | null;
  /** The sources of the overlay, `.hbs` where a value goes in. */
  readonly templates: FileTree;
}

export interface Planned {
  readonly plan: Plan;
  /** The rendered overlay, secrets included. */
  readonly overlay: FileTree;
  readonly warnings: readonly Finding[];
}

/**
 * Decide everything a build needs.
 *
 * The id is the sha256 of the canonical JSON of all other members. The overlay holds it in one file alone, whose entry
 * says so instead of giving a digest, so that the id can depend on every other byte.
 *
 * @throws PlanError PLAN_REFUSED with all findings
 */
export function computePlan(input: PlanInput): Planned {
  const { config, mape } = input;
  const line = chooseLine(config.line, input.prefixBits);
  const { templates, series, programVersion } = input;
  const blank: OverlayInput = {
    templates,
    mape,
    config,
    line,
    series,
    programVersion,
    planId: '0'.repeat(64),
  };
  const findings = [...checkPackages(config.packages), ...checkOverlay(blank, renderOurs(blank))];
  const errors = findings.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) {
    throw new PlanError('PLAN_REFUSED', {
      message: `the configuration cannot work: ${errors.length} ${errors.length === 1 ? 'finding' : 'findings'}`,
      hint: 'correct what is named above',
      details: { count: errors.length },
      findings,
    });
  }
  const rendered = renderOverlay(blank);
  const body = {
    schema: 'mape-image/plan@1',
    program: { name: 'mape-image', version: programVersion },
    mape,
    line,
    profile: input.profile,
    series,
    imagebuilder: input.imagebuilder,
    packages: computePackages(input.devicePackages, config.packages),
    settings: computeSettings(config),
    overlay: describeTree(rendered),
  } as const;
  const id = computePlanId(body);
  return { plan: { ...body, id }, overlay: withPlanId(rendered, id), warnings: findings };
}

/** The same overlay for another plan: no other file depends on the id. */
function withPlanId(rendered: FileTree, id: string): FileTree {
  const entry = rendered.get(PLAN_ID_PATH);
  if (entry?.type !== 'file') throw new TypeError('an overlay without a plan id');
  return new Map(rendered).set(PLAN_ID_PATH, { ...entry, bytes: new TextEncoder().encode(`${id}\n`) });
}

/** The id of a plan: the sha256 of the canonical JSON of all its other members. */
export function computePlanId(body: object): Sha256 {
  return computeSha256(canonicalJson(toJson(body)));
}

/** First eight digits of the id: what folders and files are named by. */
export function shortPlanId(plan: Plan): string {
  return plan.id.slice(0, 8);
}

/** `EXTRA_IMAGE_NAME` of a plan: lower case and dashes, as ImageBuilder would make of it anyway. */
export function extraImageName(plan: Plan): string {
  return `mape-${shortPlanId(plan)}`;
}

/** The tree as the plan lists it. */
export function describeTree(tree: FileTree): readonly PlannedEntry[] {
  return [...tree].map(([path, entry]) => describeEntry(path, entry));
}

function describeEntry(path: string, entry: TreeEntry): PlannedEntry {
  if (entry.type === 'symlink') return { path, type: 'symlink', target: entry.target };
  const mode = entry.mode.toString(8).padStart(4, '0');
  if (entry.type === 'directory') return { path, type: 'directory', mode };
  if (path === PLAN_ID_PATH) return { path, type: 'plan-id', mode };
  if (entry.secret) return { path, type: 'file', mode, scrypt: computeSecretDigest(path, entry.bytes) };
  return { path, type: 'file', mode, sizeBytes: entry.bytes.byteLength, sha256: computeSha256(entry.bytes) };
}

/**
 * A digest for a file with a secret that is slow to guess against: scrypt with its default cost (16 MiB, N = 16384).
 *
 * @see RFC 7914 §2
 */
export function computeSecretDigest(path: string, bytes: Uint8Array): string {
  return scryptSync(bytes, `mape-image:${path}`, 32).toString('hex');
}

/** The plan is plain data by its type; canonical JSON wants it said. */
function toJson(body: object): JsonValue {
  return JSON.parse(JSON.stringify(body));
}
