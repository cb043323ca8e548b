/** What a package manager says of a package, as far as a record of a build speaks of it. */
export interface PackageMetadata {
  readonly name: string;
  readonly version: string;
  readonly architecture: string | undefined;
  readonly license: string | undefined;
  /** Of a list of packages alone: the name of the file, its digest and its size. */
  readonly fileName: string | undefined;
  readonly sha256: string | undefined;
  readonly sizeBytes: number | undefined;
}

/**
 * Read paragraphs of `Key: value` lines, as control files, the status and the lists of opkg have them. Text that is none gives
 * nothing; a line that continues the one before, and any other field, is passed over.
 *
 * @see Debian Policy §5.1 (syntax of control files)
 */
export function parseControl(text: string): readonly PackageMetadata[] {
  return parseParagraphs(text, /^([A-Za-z0-9-]{1,40}): ?(.*)$/, {
    name: 'Package',
    version: 'Version',
    architecture: 'Architecture',
    license: 'License',
    fileName: 'Filename',
    sha256: 'SHA256sum',
    sizeBytes: 'Size',
  });
}

/**
 * Read the database of installed packages of apk: paragraphs of lines `X:value`.
 *
 * @see apk-tools doc/apk-package.5.scd; Alpine wiki, "Apk spec" (installed database)
 */
export function parseApkInstalled(text: string): readonly PackageMetadata[] {
  return parseParagraphs(text, /^([A-Za-z]):(.*)$/, {
    name: 'P',
    version: 'V',
    architecture: 'A',
    license: 'L',
    fileName: undefined,
    sha256: undefined,
    sizeBytes: undefined,
  });
}

type Keys = Readonly<Record<keyof PackageMetadata, string | undefined>>;

function parseParagraphs(text: string, line: RegExp, keys: Keys): readonly PackageMetadata[] {
  return text.split(/\n\n+/).flatMap((paragraph) => {
    const fields = new Map<string, string>();
    for (const row of paragraph.split('\n')) {
      const [, key, value = ''] = line.exec(row) ?? [];
      if (key !== undefined && !fields.has(key)) fields.set(key, value.trim());
    }
    const read = (key: string | undefined): string | undefined =>
      (key === undefined ? undefined : fields.get(key)) || undefined;
    const [name, version, sha256, size] = [keys.name, keys.version, keys.sha256, keys.sizeBytes].map(read);
    if (name === undefined || version === undefined) return [];
    return [
      {
        name,
        version,
        architecture: read(keys.architecture),
        license: read(keys.license),
        fileName: read(keys.fileName)?.split('/').at(-1),
        sha256: sha256 !== undefined && /^[0-9a-f]{64}$/.test(sha256) ? sha256 : undefined,
        sizeBytes: size !== undefined && /^\d{1,12}$/.test(size) ? Number(size) : undefined,
      },
    ];
  });
}
