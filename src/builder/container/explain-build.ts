import type { ErrorInit } from '../../errors.ts';
import { BuilderError, type BuilderErrorCode } from '../errors.ts';
import type { Container } from './container.ts';
import { toolsMissing } from './container-tree.ts';

/**
 * What the failure of a build means where make ran in a container: the room, the memory and the tools that were missing are
 * the container's, so other advice is needed. All else stays as it is.
 */
export function explainBuildInContainer(error: unknown, { program }: Container): unknown {
  if (!(error instanceof BuilderError)) return error;
  const replace = (code: BuilderErrorCode, init: ErrorInit) => {
    const log = error.logPath === undefined ? {} : { logPath: error.logPath };
    return new BuilderError(code, { ...init, lines: error.lines, ...log, cause: error });
  };
  switch (error.code) {
    case 'BUILD_DISK_FULL':
      return replace('CONTAINER_DISK_FULL', {
        message: `wanted room to build in, found none left where ${program} keeps its files`,
        hint: `free some: ${program} system prune; in a virtual machine, make its disk larger`,
        details: { program },
      });
    case 'BUILD_KILLED':
      return replace('CONTAINER_KILLED', {
        message: `wanted make to end by itself in the container, found it ended by signal ${error.details.signal}`,
        hint: `look for "out of memory" where ${program} runs, and give its machine at least 2 GB`,
        details: { program, signal: Number(error.details.signal) },
      });
    case 'PREREQUISITE_MISSING': {
      const { tools } = error.details;
      const { code, message, hint, details } = toolsMissing(typeof tools === 'object' ? tools : []);
      return replace(code, { message, ...(hint === undefined ? {} : { hint }), details });
    }
    default:
      return error;
  }
}
