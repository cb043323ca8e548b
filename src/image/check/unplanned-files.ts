import type { Finding } from '../../errors.ts';
import type { RootIndex } from '../contents/root-index.ts';
import type { CheckedOverlay } from './checked-plan.ts';

/** Folders that hold nothing but ours. */
const OUR_FOLDERS = /^\/(?:usr\/share\/mape-image|usr\/lib\/mape-image|etc\/mape-image)(?:\/|$)/;
/** Folders of which the system runs or loads every file, under a name that only we give. */
const OUR_NAMES =
  /^\/(?:etc\/(?:uci-defaults|hotplug\.d\/[^/]+|init\.d|sysctl\.d|nftables\.d)|usr\/share\/nftables\.d\/[^/]+|lib\/upgrade\/keep\.d)\/[0-9]*-?mape(?:-[a-z]+)?(?:\.[a-z]+)?$/;

/** What stands under our own names and is in no plan: it came from another build, and would run all the same. */
export function checkUnplannedFiles(plan: CheckedOverlay, root: RootIndex): readonly Finding[] {
  const planned = new Set(plan.overlay.map(({ path }) => path));
  return root.rootfs.entries
    .filter(({ path }) => (OUR_FOLDERS.test(path) || OUR_NAMES.test(path)) && !planned.has(path))
    .map(({ path }) => ({
      severity: 'error',
      code: 'VERIFY_FILE_UNPLANNED',
      message: `wanted nothing at ${path} by the plan, found something`,
      hint: 'do not flash it; build the image again in a fresh ImageBuilder',
      details: { path },
    }));
}
