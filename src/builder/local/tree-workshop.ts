import { dirname, join } from 'node:path';
import { execEnv } from '../../io/exec-env.ts';
import type { Ports } from '../../io/ports.ts';
import { withTempDir } from '../../io/temp.ts';
import type { Workshop } from '../workshop.ts';

/**
 * A tree on this machine to run make in.
 *
 * @param workDir where overlay and output are staged, on a safe path
 */
export function makeTreeWorkshop(ports: Ports, dir: string, workDir: string): Workshop {
  return {
    dir,
    runMake: (args, options) =>
      ports.exec.run({
        file: 'make',
        args,
        cwd: dir,
        // git must not find a work tree around the ImageBuilder.
        env: execEnv(ports.env, { gitCeilingDirs: [dirname(dir)] }),
        group: true,
        fd8: true,
        ...options,
      }),
    withStage: (overlay, mtimeSec, use) =>
      withTempDir(ports, workDir, async (work) => {
        const [filesDir, binDir] = [join(work, 'files'), join(work, 'bin')];
        await ports.files.writeTree(filesDir, overlay, mtimeSec);
        await ports.files.makeDir(binDir);
        return use({ filesDir, binDir, collect: async () => binDir });
      }),
  };
}
