import type { Ports } from '../io/ports.ts';
import type { FileTree } from '../overlay/file-tree.ts';
import type { MakeInfoProfile } from '../release/make-info.ts';

/** One profile as `make info` shows it. */
export type ProfileInfo = MakeInfoProfile;

/** What an ImageBuilder says of itself before anything is built. */
export interface BuilderInfo {
  /** `24.10.4` */
  readonly version: string;
  /** `ath79/generic` */
  readonly target: string;
  /** `r28959-29397011cc` */
  readonly revision: string;
  readonly packageManager: 'opkg' | 'apk';
  readonly defaultPackages: readonly string[];
  readonly profiles: readonly ProfileInfo[];
  /** Time that every file of an image gets, in seconds since 1970. */
  readonly sourceDateEpochSec: number | undefined;
}

export interface BuildRequest {
  /** Id of one of the profiles. */
  readonly profile: string;
  /** `PACKAGES`, item by item; `-name` removes. */
  readonly packages: readonly string[];
  /** Goes into the file names: lower-case letters, digits and `-`. */
  readonly extraImageName: string;
  readonly overlay: FileTree;
  /** A folder of the caller's, empty: every output and `build.log` end there. */
  readonly outputDir: string;
}

/** A finished build, judged: the file named here exists, is fresh and has the digest `profiles.json` gives. */
export interface BuiltImage {
  readonly imagePath: string;
  readonly imageName: string;
  /** `sysupgrade`, or what the profile has in its place: `combined-efi`, `combined`, `sdcard`. */
  readonly imageType: string;
  readonly sha256: string;
  /** Equal to `sha256`: a signature at the end of the image is taken off. */
  readonly sha256Unsigned: string;
  readonly sizeBytes: number;
  /** Lines `name - version`. */
  readonly manifestPath: string;
  /** The ImageBuilder's profiles.json, narrowed to the image beside it and to the digest that has. */
  readonly profilesJsonPath: string;
  /** The ImageBuilder's own CycloneDX list; absent before 23.05. */
  readonly bomPath: string | undefined;
  readonly installed: ReadonlyMap<string, string>;
  readonly kernelBytes: number | undefined;
  readonly rootfsBytes: number | undefined;
  readonly logPath: string;
  readonly durationMs: number;
}

/** An open ImageBuilder, locked for this process until `use` ends. */
export interface OpenBuilder {
  readonly info: BuilderInfo;
  /**
   * @throws BuilderError every code but IMAGEBUILDER_*; ReleaseError; IoError. With `logPath` from the moment that make runs
   */
  build(request: BuildRequest): Promise<BuiltImage>;
}

/** One way to build. A new one is a folder and a line in the registry. */
export interface BuilderEngine {
  readonly id: 'local';
  /** Open, run `use`, always release. */
  withBuilder<T>(
    ports: Ports,
    options: LocalBuilderOptions,
    use: (builder: OpenBuilder) => Promise<T>,
  ): Promise<T>;
}

export interface LocalBuilderOptions {
  /** A folder or a `.tar.zst` / `.tar.xz`, absolute. */
  readonly imagebuilder: string;
  /** Where trees are unpacked and builds are staged, absolute. */
  readonly cacheDir: string;
  /** Where the log of a build grows, and stays where the build fails, absolute; absent: the output folder. */
  readonly logDir?: string;
  /** Limit of one `make image`; absent: 30 minutes. */
  readonly timeoutMs?: number;
}
