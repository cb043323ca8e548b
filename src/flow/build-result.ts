import type { Finding } from '../errors.ts';

/** What `build` tells of a finished image; the JSON document of `build --json`, and `build.json` beside the image. */
export interface BuildDocument {
  readonly schema: 'mape-image/build@1';
  readonly ok: true;
  readonly planId: string;
  readonly reused: boolean;
  readonly image: {
    readonly path: string;
    readonly sha256: string;
    readonly sha256Unsigned: string;
    readonly sizeBytes: number;
    readonly supportedDevices: readonly string[];
    readonly kernelBytes: number | null;
    readonly rootfsBytes: number | null;
  };
  readonly outputDir: string;
  /** Flash that stays writable, in bytes; null where the device's flash is not described. */
  readonly overlayBytes: number | null;
  readonly installedPackages: number;
  readonly warnings: readonly Finding[];
}
