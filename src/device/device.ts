/** A number with where it is from. */
export interface Figure {
  readonly value: number;
  readonly source: string;
}

/** One item of the `PACKAGES` argument, with why. */
export interface DevicePackage {
  readonly name: string;
  /** The package is taken out of the image (`-name`). */
  readonly removed: boolean;
  readonly reason: string;
}

/** Flash of a device, all in bytes. "Content" is kernel + root file system. */
export interface DeviceFlash {
  readonly sizeBytes: Figure;
  readonly firmwareOffsetBytes: Figure;
  readonly firmwareSizeBytes: Figure;
  readonly eraseBlockBytes: Figure;
  readonly limits: {
    /** Above this the ImageBuilder makes no image (and still ends with 0). */
    readonly buildsContentBytes: Figure;
    /** Above this too few erase blocks stay: the router forgets every setting at reboot. */
    readonly forgetsSettingsContentBytes: Figure;
    /** Up to this, settings and some packages fit for years. */
    readonly recommendedContentBytes: Figure;
  };
}

/** Getting a router back that does not start. */
export interface DeviceRecovery {
  readonly method: 'tftp';
  /** The address the computer takes, where the boot loader looks for it. */
  readonly serverAddress: string;
  readonly fileName: string;
  /** Which image goes into that file. */
  readonly image: 'factory';
  readonly steps: readonly string[];
  /** `verified` on the device by this project, `documented` by those who added the device, `derived` from a sister model. */
  readonly confidence: 'verified' | 'documented' | 'derived';
  readonly source: string;
}

export interface KnownContent {
  readonly series: string;
  readonly bytes: Figure;
  readonly plusMinusBytes: number;
  /** Packages in it beside those of the profile. */
  readonly packages: readonly string[];
}

/** What is known of a device beyond what its ImageBuilder says. */
export interface DeviceProfile {
  /** Profile id (`tplink_archer-c6-v2`), or `_default` for every device without a file of its own. */
  readonly id: string;
  readonly title: string;
  /** `ath79/generic` */
  readonly target?: string;
  readonly supportedDevices: readonly string[];
  readonly ramBytes?: Figure;
  readonly flash?: DeviceFlash;
  readonly recovery?: DeviceRecovery;
  /** Sentences worth showing before the first flash. */
  readonly notes: readonly string[];
  /** Release series where none is asked for, `24.10`; absent: the newest. */
  readonly recommendedSeries?: { readonly value: string; readonly source: string };
  /** Kernel and root file system of images whose size is known, by release series: what an estimate starts from. */
  readonly content: readonly KnownContent[];
  /** What a package takes in the root file system, with what it alone depends on. */
  readonly packageBytes: readonly {
    readonly name: string;
    readonly bytes: Figure;
    readonly plusMinusBytes: number;
  }[];
  /** Default packages by release series (`24.10`), oldest first. `map` is not among them: the program adds it. */
  readonly packages: readonly { readonly series: string; readonly items: readonly DevicePackage[] }[];
}

/**
 * Default packages for a release series: those of the newest series that is not newer, or of the oldest known.
 *
 * @param series `24.10`
 */
export function selectDevicePackages(device: DeviceProfile, series: string): readonly DevicePackage[] {
  const known = device.packages;
  // two digits each, so the order of code units is the order of time
  return (known.findLast((entry) => entry.series <= series) ?? known[0])?.items ?? [];
}
