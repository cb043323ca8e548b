import { PLAN_ID_PATH } from '../../overlay/render.ts';
import { parseAssignments } from './assignments.ts';
import type { RootIndex } from './root-index.ts';

/** What an image of ours says of itself. */
export interface OwnFiles {
  /** 64 hexadecimal digits; absent where the file holds something else. */
  readonly planId: string | undefined;
  /** What it was built for, by name without `BAKED_`: `SERVICE`, `PREFIX`, `IPV4`, `PSID` … */
  readonly baked: ReadonlyMap<string, string>;
}

const BAKED_PATH = '/usr/share/mape-image/baked';
const BAKED = 'BAKED_';

/**
 * @returns absent for an image that is not ours
 * @throws ImageError IMAGE_FILE_TOO_LARGE, and what the root's own reader throws
 */
export async function readOwnFiles(root: RootIndex): Promise<OwnFiles | undefined> {
  const planId = await root.readText(PLAN_ID_PATH);
  const baked = await root.readText(BAKED_PATH);
  if (planId === undefined && baked === undefined) return undefined;
  const values = [...parseAssignments(baked ?? '')].filter(([name]) => name.startsWith(BAKED));
  return {
    planId: /^([0-9a-f]{64})\n?$/.exec(planId ?? '')?.[1],
    baked: new Map(values.map(([name, value]) => [name.slice(BAKED.length), value])),
  };
}
