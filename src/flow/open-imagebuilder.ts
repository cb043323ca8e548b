import { resolve } from 'node:path';
import type { AttestedSource } from '../attest/facts.ts';
import { OPENWRT_TOOLS_IMAGE } from '../builder/container/image-reference.ts';
import { loadBuilder } from '../builder/index.ts';
import type { OpenBuilder } from '../builder/types.ts';
import type { Ports } from '../io/ports.ts';
import { chooseEngine, type EngineWish, type Host, resolveContainerImage } from './choose-engine.ts';
import { fetchImageBuilder } from './fetch.ts';

/** Which ImageBuilder to use, and where things are kept. */
export interface ImageBuilderOptions {
  /** Folder or tarball, as the user wrote it; absent: the one of OpenWrt for the profile is fetched. */
  readonly imagebuilder: string | undefined;
  readonly mirror?: string | undefined;
  readonly offline?: boolean | undefined;
  readonly cacheDir: string;
  readonly logDir: string;
  /** Where make runs; absent: `auto`. */
  readonly engine?: EngineWish | undefined;
  /** Reference of the image for the container, by tag or by digest; absent: OpenWrt's. */
  readonly containerImage?: string | undefined;
  /** Absent: this machine. */
  readonly host?: Host | undefined;
}

export interface OpenImageBuilder {
  readonly builder: OpenBuilder;
  readonly source: AttestedSource;
}

/** What an ImageBuilder is fetched for. */
export interface ImageBuilderWish {
  readonly profile: string | undefined;
  readonly release: string | undefined;
  readonly target?: string | undefined;
}

/**
 * Open the ImageBuilder given, or the one of OpenWrt, which is fetched and verified.
 *
 * @throws FlowError FETCH_*; BuilderError; ReleaseError; IoError
 */
export async function withImageBuilder<T>(
  ports: Ports,
  wish: ImageBuilderWish,
  options: ImageBuilderOptions,
  use: (open: OpenImageBuilder) => Promise<T>,
): Promise<T> {
  const { cacheDir, logDir, host = process } = options;
  if (chooseEngine(options.engine ?? 'auto', host) === 'container') {
    const engine = await loadBuilder('container');
    const place = await chooseContainer(ports, wish, options);
    return engine.withBuilder(ports, { ...place, cacheDir, logDir }, (builder) =>
      use({ builder, source: { ...builder.source, keyId: undefined } }),
    );
  }
  const engine = await loadBuilder('local');
  const { keyId, ...place } = await obtainImageBuilder(ports, wish, options);
  return engine.withBuilder(ports, { ...place, cacheDir, logDir }, (builder) =>
    use({ builder, source: { ...builder.source, keyId } }),
  );
}

/** An ImageBuilder given needs of the image but its tools. */
async function chooseContainer(
  ports: Ports,
  wish: ImageBuilderWish,
  { imagebuilder, containerImage, mirror, offline }: ImageBuilderOptions,
): Promise<{
  readonly image: string;
  readonly imagebuilder: string | undefined;
  readonly offline?: boolean | undefined;
}> {
  if (imagebuilder === undefined)
    return {
      image: containerImage ?? (await resolveContainerImage(ports, wish, { mirror, offline })),
      imagebuilder,
      offline,
    };
  return {
    image: containerImage ?? OPENWRT_TOOLS_IMAGE,
    imagebuilder: resolve(ports.cwd, imagebuilder),
    offline,
  };
}

async function obtainImageBuilder(
  ports: Ports,
  wish: ImageBuilderWish,
  { imagebuilder, mirror, offline, cacheDir }: ImageBuilderOptions,
): Promise<{
  readonly imagebuilder: string;
  readonly verified: { readonly name: string; readonly sha256: string } | undefined;
  readonly keyId: string | undefined;
}> {
  if (imagebuilder !== undefined)
    return { imagebuilder: resolve(ports.cwd, imagebuilder), verified: undefined, keyId: undefined };
  const wanted = { ...wish, mirror, offline, cacheDir };
  const { path, name, sha256, keyId } = await fetchImageBuilder(ports, wanted);
  return { imagebuilder: path, verified: { name, sha256 }, keyId };
}
