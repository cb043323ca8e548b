// Compile src to dist and the data of profiles/ to dist/data. Needs node_modules.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

const root = join(import.meta.dirname, '..');
const at = (...parts) => join(root, ...parts);
const readYaml = (path) => parse(readFileSync(path, 'utf8'));

// Made beside and moved into place whole: a build that fails leaves the last one as it was.
const fresh = mkdtempSync(at('.dist-'));
process.on('exit', () => rmSync(fresh, { recursive: true, force: true }));
const tsc = [at('node_modules/typescript/bin/tsc'), '-p', root, '--outDir', join(fresh, 'dist')];
const { status } = spawnSync(process.execPath, tsc, { stdio: ['ignore', 2, 2] });
if (status !== 0) process.exit(1);
const built = (...parts) => join(fresh, 'dist', ...parts);
chmodSync(built('main.js'), 0o755);
mkdirSync(built('data'));
await writeServices();
await writeDevices();
await writeConfigSchema();
if (existsSync(at('dist'))) renameSync(at('dist'), join(fresh, 'old'));
renameSync(built(), at('dist'));

/** All services in one JSON file: a YAML parser at each start would cost more than the calculation. */
async function writeServices() {
  const { parseServiceTable } = await import(built('mape/service-file.js'));
  const folder = at('profiles/services');
  const names = readdirSync(folder).filter((name) => name !== 'sources.yaml' && name !== 'not-map-e.yaml');
  const files = {
    sources: readYaml(join(folder, 'sources.yaml')),
    services: names.sort().map((name) => readYaml(join(folder, name))),
    notMapE: readYaml(join(folder, 'not-map-e.yaml')),
  };
  // The rules of a service are read when they are asked for: ask for all, so that a mistake ends the build.
  if (parseServiceTable(files).services.some(({ rules }) => rules.length === 0))
    throw new Error('a service without rules');
  writeFileSync(built('data/services.json'), JSON.stringify(files));
}

async function writeDevices() {
  const { parseDevice } = await import(built('device/parse-device.js'));
  const folder = at('profiles/devices');
  const devices = readdirSync(folder)
    .sort()
    .map((name) => readYaml(join(folder, name)));
  for (const device of devices) parseDevice(device);
  writeFileSync(built('data/devices.json'), JSON.stringify(devices));
}

async function writeConfigSchema() {
  const { configJsonSchema } = await import(built('config/json-schema.js'));
  writeFileSync(built('data/config.schema.json'), `${JSON.stringify(configJsonSchema(), null, 2)}\n`);
}
