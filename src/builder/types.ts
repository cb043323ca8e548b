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
  /** The image of the container that builds, by digest: `ghcr.io/openwrt/imagebuilder@sha256:…`; absent: this machine. */
  readonly containerImage?: string;
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

/** One package file an image was made of. */
export interface PackageFile {
  /** As in the manifest, with the suffix of its ABI. */
  readonly name: string;
  readonly version: string;
  /** Without a folder. */
  readonly fileName: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  /** `mips_24kc`, `all`, `noarch` */
  readonly architecture: string | undefined;
  /** As the package says it, which need be no SPDX id. */
  readonly license: string | undefined;
}

/** What identifies an open ImageBuilder. */
export interface BuilderSource {
  readonly kind: 'archive' | 'folder' | 'container';
  /** Of the file, the folder or the container's image; no path. */
  readonly name: string;
  /** Of the archive or the container's image; of a folder, over what decides a build in it. */
  readonly sha256: string;
  /** Where packages come from, in the ImageBuilder's order: addresses, and `file:` folders. */
  readonly repositories: readonly string[];
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
  /** Of the packages installed those whose file is known, sorted by name. */
  readonly packageFiles: readonly PackageFile[];
  /** Room of the device's firmware in bytes, by the ImageBuilder's makefiles; absent: they do not say it. */
  readonly imageLimitBytes?: number | undefined;
  readonly kernelBytes: number | undefined;
  readonly rootfsBytes: number | undefined;
  readonly logPath: string;
  readonly durationMs: number;
}

/** An open ImageBuilder, locked for this process until `use` ends. */
export interface OpenBuilder {
  readonly info: BuilderInfo;
  readonly source: BuilderSource;
  /**
   * @throws BuilderError every code but IMAGEBUILDER_*; ReleaseError; IoError. With `logPath` from the moment that make runs
   */
  build(request: BuildRequest): Promise<BuiltImage>;
  /**
   * Sizes in bytes of the package files at hand before anything is built, by name, of the newest version each; empty where
   * the engine cannot see them.
   *
   * @throws IoError FILE_UNREADABLE
   */
  packageFileBytes(): Promise<ReadonlyMap<string, number>>;
}

/** One way to build. A new one is a folder and a line in the registry. */
export interface BuilderEngine<Options> {
  readonly id: EngineId;
  /** Open, run `use`, always release. */
  withBuilder<T>(ports: Ports, options: Options, use: (builder: OpenBuilder) => Promise<T>): Promise<T>;
}

export type EngineId = 'local' | 'container';

/** What every engine is opened with. */
export interface BuilderOptions {
  /** Where trees are unpacked and builds are staged, absolute. */
  readonly cacheDir: string;
  /** Where the log of a build grows, and stays where the build fails, absolute; absent: the output folder. */
  readonly logDir?: string;
  /** Limit of one `make image`; absent: 30 minutes. */
  readonly timeoutMs?: number;
}

export interface LocalBuilderOptions extends BuilderOptions {
  /** A folder or a `.tar.zst` / `.tar.xz`, absolute. */
  readonly imagebuilder: string;
  /** What was proved of the archive at that path, which is then held against the bytes that are unpacked. */
  readonly verified?: { readonly name: string; readonly sha256: string } | undefined;
}

export interface ContainerBuilderOptions extends BuilderOptions {
  /** Reference of the image to run, by tag or by digest. */
  readonly image: string;
  /** A folder or an archive to build with in the container, absolute; absent: the ImageBuilder that the image has. */
  readonly imagebuilder?: string | undefined;
  /** Pull nothing, and give the container no network. */
  readonly offline?: boolean | undefined;
}
