import { basename, dirname, join } from 'node:path';
import { unpackArchive } from '../../io/archive.ts';
import { packTar } from '../../io/pack-tar.ts';
import type { Ports } from '../../io/ports.ts';
import { withTempDir } from '../../io/temp.ts';
import type { BuilderError } from '../errors.ts';
import type { MakeOptions, Workshop } from '../workshop.ts';
import type { Container, Ended } from './container.ts';
import { askPath, type ContainerTree } from './container-tree.ts';
import { explainCall } from './tool-failures.ts';

/** What a tree says of itself, and where its packages come from. */
const SELF = `cd "$1/.." && find "$2/.config" "$2/include" "$2/repositories" "$2/repositories.conf" -type f 2>/dev/null |
  tar -cf - -T -`;

/**
 * What is known of a build beside its output: package files and lists, the parts of the image, the database of the packages
 * installed. A tree has the kernels of a hundred devices, so the one built is named.
 */
const BUILT = `cd "$1/.." && {
  find "$2/.config" "$2/include" "$2/repositories" "$2/repositories.conf" "$2/packages" "$2/dl" -type f
  find "$2"/build_dir/target-*/linux-* -maxdepth 1 -type f \\
    \\( -name "$3-kernel.bin" -o -name root.squashfs -o -name '*.ipk' -o -name '*.apk' \\)
  find "$2"/build_dir/target-*/root-*/usr/lib/opkg "$2"/build_dir/target-*/root-*/lib/apk/db -type f \\
    \\( -name status -o -name '*.control' -o -name installed \\)
} 2>/dev/null | tar -cf - -T -`;

const CLEAR = 'rm -f build_dir/target-*/linux-*/root.squashfs';
const MAKE = 'exec make "$@" 8>&2';

/** A workshop in a container, and the part of its tree that was brought out of it. */
export interface ContainerWorkshop extends Workshop {
  /** A folder of this machine with the files of the tree that are read here. */
  readonly mirror: string;
}

/**
 * A tree in a container to run make in. The overlay goes in as a tar stream and the output comes out as one.
 *
 * @param tempDir a folder of this machine that is removed after use
 */
export async function openContainerWorkshop(
  ports: Ports,
  container: Container,
  { dir }: ContainerTree,
  tempDir: string,
): Promise<ContainerWorkshop> {
  const mirror = join(tempDir, 'tree');
  const takeTree = async (script: string, profile = ''): Promise<void> => {
    const fresh = await bringOut(ports, container, tempDir, [
      'sh',
      '-c',
      script,
      'sh',
      dir,
      basename(dir),
      profile,
    ]);
    await ports.files.remove(mirror);
    await ports.files.rename(fresh, mirror);
  };
  await takeTree(SELF);

  return {
    mirror,
    dir,
    runMake: (args, options) => runMake(container, dir, args, options),
    async withStage(overlay, mtimeSec, use) {
      const work = await askPath(container, ['mktemp', '-d']);
      const [filesDir, binDir] = [join(work, 'files'), join(work, 'bin')];
      await container.ask(['mkdir', '-m', '755', filesDir, binDir]);
      const unpack = ['tar', '--extract', '--file=-', '--preserve-permissions', '--no-same-owner'];
      const sent = await container.send([...unpack, `--directory=${filesDir}`], packTar(overlay, mtimeSec));
      if (sent.exitCode !== 0) throw failed(container, sent);
      // make copies mode and time of this folder to / of the router.
      await container.ask(['touch', '-d', `@${mtimeSec}`, filesDir]);
      await container.ask(['sh', '-c', CLEAR], { dir });
      try {
        return await use({
          filesDir,
          binDir,
          collect: async (profile) => {
            await takeTree(BUILT, profile);
            return bringOut(ports, container, tempDir, ['tar', '-C', work, '-cf', '-', 'bin']);
          },
        });
      } finally {
        // What stays goes with the container.
        if (!ports.signal.aborted) await container.run(['rm', '-rf', work]).catch(() => undefined);
      }
    },
  };
}

function runMake(container: Container, dir: string, args: readonly string[], options: MakeOptions) {
  // No descriptor but the three of every program reaches into a container: what make says on the eighth goes to the second.
  return container.run(['sh', '-c', MAKE, 'sh', ...args], {
    dir,
    // git must not find a work tree around the ImageBuilder.
    env: { GIT_CEILING_DIRECTORIES: dirname(dir) },
    ...options,
  });
}

/** Run a program whose output is a tar of one folder, and unpack that: the path of the folder. */
async function bringOut(
  ports: Ports,
  container: Container,
  tempDir: string,
  args: readonly string[],
): Promise<string> {
  return withTempDir(ports, tempDir, async (temp) => {
    const archive = join(temp, 'out.tar');
    const ended = await container.receive(args, ports.files.openWrite(archive));
    if (ended.exitCode !== 0) throw failed(container, ended);
    const unpacked = join(temp, 'out');
    await ports.files.makeDir(unpacked);
    const { top } = await unpackArchive(ports, archive, unpacked);
    const kept = join(tempDir, `out-${basename(temp)}`);
    await ports.files.rename(join(unpacked, top), kept);
    return kept;
  });
}

function failed({ program, image }: Container, ended: Ended): BuilderError {
  return explainCall({ ...ended, program, action: 'exec', image: image.reference });
}
