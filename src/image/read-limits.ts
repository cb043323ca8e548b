/** Bounds of what an image may hold, far above any real one: they keep a hostile file from costing memory or time. */
export const READ_LIMITS = {
  /** What a compressed image may unpack to. An x86 image has 120 MiB unless its root file system was enlarged. */
  maxUnpackedBytes: 1024 ** 3,
  /** Partitions of a vendor's header. TP-Link's have up to 32. */
  maxVendorPartitions: 64,
  /** Slots of a GPT; 128 is what everybody writes. */
  maxGptEntries: 1024,
  /** Entries of a sysupgrade tar, which has four. */
  maxTarEntries: 64,
  /** Images of a FIT: kernel, root file system, and a device tree for each board. */
  maxFitImages: 256,
  /** Nodes and properties of a device tree. */
  maxTreeItems: 20_000,
  /** A FIT image has three levels. */
  maxTreeDepth: 16,
  /** Marks behind a root file system; padjffs2 writes one for each size of erase block. */
  maxMarkers: 32,
  /** As fwtool itself. @see openwrt/fwtool fwimage.h (METADATA_MAXLEN) */
  maxMetadataBytes: 30 * 1024,
} as const;
