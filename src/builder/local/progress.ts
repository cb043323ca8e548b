import type { Count, StepId } from '../../io/ports.ts';

/** What a line of `make image` says about how far it is. */
export interface BuildProgress {
  readonly id: StepId;
  /** The package at hand. */
  readonly package?: string;
  readonly count?: Count;
}

export interface ProgressState {
  /** Names of the line `Packages:`, in the order opkg goes through them. */
  readonly wanted: readonly string[];
  /** How many of them were passed. */
  readonly passed: number;
  readonly installed: number;
  readonly configured: number;
}

export const PROGRESS_START: ProgressState = { wanted: [], passed: 0, installed: 0, configured: 0 };

export interface ProgressStep {
  readonly state: ProgressState;
  /** What to show where the line says something new. */
  readonly progress?: BuildProgress;
}

const STAGES: readonly (readonly [RegExp, StepId])[] = [
  [/^Checking '[^']*'\.\.\./, 'checking-prerequisites'],
  [/^Packages: /, 'indexing-packages'],
  [/^Installing packages\.\.\.$/, 'installing-packages'],
  [/^Finalizing root filesystem\.\.\.$/, 'finalizing-root'],
  [/^Building images\.\.\.$/, 'building-images'],
  [/^Calculating checksums\.\.\.$/, 'computing-checksums'],
];

/**
 * Take one line of standard output. apk counts for itself; opkg is counted by the packages asked for, which it goes
 * through in order with the dependencies of each, and then by those it configures.
 *
 * @see OpenWrt target/imagebuilder/files/Makefile (image, package_install, build_image)
 */
export function readProgressLine(state: ProgressState, line: string): ProgressStep {
  return readApk(state, line) ?? readOpkg(state, line) ?? readStage(state, line);
}

function readApk(state: ProgressState, line: string): ProgressStep | undefined {
  const [, done, total, name] = /^\(\s*(\d+)\/(\d+)\) Installing (\S+)/.exec(line) ?? [];
  if (name === undefined) return undefined;
  const count = { done: Number(done), total: Number(total) };
  return { state, progress: { id: 'installing-packages', package: name, count } };
}

function readOpkg(state: ProgressState, line: string): ProgressStep | undefined {
  const [, fresh] = /^Installing (\S+) \(\S+\) to root\.\.\.$/.exec(line) ?? [];
  const [, present] = /^Package (\S+) \(\S+\) installed in root is up to date\.$/.exec(line) ?? [];
  const name = fresh ?? present;
  if (name !== undefined) {
    const passed = Math.max(state.passed, indexOfWanted(state.wanted, name) + 1);
    const installed = state.installed + (fresh === undefined ? 0 : 1);
    const count = { done: passed, total: state.wanted.length };
    return {
      state: { ...state, passed, installed },
      progress: { id: 'installing-packages', package: name, ...(count.total === 0 ? {} : { count }) },
    };
  }
  const [, configuring] = /^Configuring (\S+)\.$/.exec(line) ?? [];
  if (configuring === undefined) return undefined;
  const configured = Math.min(state.configured + 1, state.installed);
  return {
    state: { ...state, configured },
    progress: {
      id: 'configuring-packages',
      package: configuring,
      count: { done: configured, total: state.installed },
    },
  };
}

function readStage(state: ProgressState, line: string): ProgressStep {
  const [, list] = /^Packages: (.*)$/.exec(line) ?? [];
  const wanted = list === undefined ? state.wanted : list.split(/\s+/).filter((name) => name !== '');
  const stage = STAGES.find(([marker]) => marker.test(line));
  return { state: { ...state, wanted }, ...(stage === undefined ? {} : { progress: { id: stage[1] } }) };
}

/** The name installed carries the suffix of its ABI, which the one asked for may lack. */
function indexOfWanted(wanted: readonly string[], name: string): number {
  const exact = wanted.indexOf(name);
  if (exact !== -1) return exact;
  return wanted.findIndex(
    (candidate) => name.startsWith(candidate) && /^\d[\d.]*$/.test(name.slice(candidate.length)),
  );
}
