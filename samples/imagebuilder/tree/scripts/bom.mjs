/** Print a CycloneDX 1.4 list of the installed packages; its serial number is random, as in the real builder. */
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';

const { TOPDIR, PACKAGE_MANAGER, SOURCE_DATE_EPOCH } = process.env;
const manifest = execFileSync(
  'node',
  [join(TOPDIR, 'scripts', `${PACKAGE_MANAGER}.mjs`), 'manifest', '--file'],
  { encoding: 'utf8' },
);
const components = manifest
  .trim()
  .split('\n')
  .map((line) => {
    const [name, version] = line.split(' - ');
    return { type: name === 'kernel' ? 'operating-system' : 'application', name, version };
  });
process.stdout.write(
  JSON.stringify({
    bomFormat: 'CycloneDX',
    specVersion: '1.4',
    serialNumber: `urn:uuid:${randomUUID()}`,
    version: 1,
    metadata: { timestamp: new Date(Number(SOURCE_DATE_EPOCH) * 1000).toISOString() },
    components,
  }),
);
