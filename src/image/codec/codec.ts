/** Compressed bytes of an image, and how much may become of them. */
export interface Packed {
  readonly bytes: Uint8Array;
  /** Where they begin in the image: what an error names. */
  readonly offset: number;
  /** What unpacks to more is refused before it takes memory. */
  readonly maxBytes: number;
}

/**
 * Unpacks single blocks. Both ways give the same bytes, and both throw where one does: CODEC_DAMAGED, CODEC_TOO_LARGE,
 * IMAGE_TRUNCATED, and from xz CODEC_BAD_CHECK and CODEC_UNSUPPORTED.
 */
export interface Codec {
  /** Off the main thread where the compression has native code: for blocks of data. */
  unpack(packed: Packed): Promise<Uint8Array>;
  /** At once: for blocks of metadata, of which handing 8 KiB to a thread costs as much as unpacking them. */
  unpackNow(packed: Packed): Uint8Array;
}

/** The codec of a compression that has no native code. */
export function codecOf(unpackNow: (packed: Packed) => Uint8Array): Codec {
  return { unpackNow, unpack: async (packed) => unpackNow(packed) };
}
