/**
 * Stand-in of opkg: node opkg.mjs index|update|install NAME|FILE...|manifest|list|depends NAME|whatdepends NAME
 *
 * It keeps the real one's words, streams and exit codes (255 after errors, which are printed last).
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { install, paragraph, readInstalled } from './opkg-install.mjs';
import { findProvider, readFolder, sizeOf, takeLock, wipeRoot, withoutAbi } from './package.mjs';

const { TOPDIR, TARGET_DIR, PACKAGE_DIR, DL_DIR } = process.env;
const errors = [];
const say = (line) => process.stdout.write(`${line}\n`);

function writeIndex() {
  console.error('Package list missing or not up-to-date, generating it.\n\nBuilding package index...');
  const { packages } = readFolder(PACKAGE_DIR, '.ipk');
  const text = packages
    .map((pkg) => {
      const bytes = readFileSync(pkg.file);
      return `${paragraph(pkg, [
        ['Installed-Size', sizeOf(pkg)],
        ['Filename', pkg.file.slice(PACKAGE_DIR.length + 1)],
        ['Size', bytes.length],
        ['SHA256sum', createHash('sha256').update(bytes).digest('hex')],
      ])}\n`;
    })
    .join('');
  mkdirSync(PACKAGE_DIR, { recursive: true });
  writeFileSync(join(PACKAGE_DIR, 'Packages'), text);
  return text;
}

function checkLock() {
  if (takeLock()) return true;
  errors.push(
    `opkg_conf_load: Could not lock ${TARGET_DIR}//tmp/opkg.lock: Resource temporarily unavailable.`,
  );
  return false;
}

/** Read the feeds of repositories.conf. Remote ones are never asked: they fail as they do without a network. */
function update() {
  const index = writeIndex();
  if (!checkLock()) return;
  wipeRoot(TARGET_DIR);
  const lines = [];
  const conf = existsSync(join(TOPDIR, 'repositories.conf'))
    ? readFileSync(join(TOPDIR, 'repositories.conf'), 'utf8').split('\n')
    : [];
  const signed = conf.some((line) => /^option check_signature/.test(line));
  for (const line of conf) {
    const [, gz, name, url] = /^src(\/gz)?\s+(\S+)\s+(\S+)/.exec(line) ?? [];
    if (!url) continue;
    const source = `${url}/Packages${gz ? '.gz' : ''}`;
    lines.push(`Downloading ${source}`);
    if (url.startsWith('file:')) {
      mkdirSync(DL_DIR, { recursive: true });
      writeFileSync(join(DL_DIR, name), index);
      const up = '../'.repeat(TARGET_DIR.split(sep).length - 1);
      lines.push(`Updated list of available packages in ${TARGET_DIR}/${up}${DL_DIR.slice(1)}/${name}`);
      if (signed) lines.push(`Downloading ${url}/Packages.sig`, 'Signature check passed.');
    } else {
      errors.push(
        `opkg_download: Failed to download ${source}, wget returned 4.`,
        'opkg_download: Check your network settings and connectivity.\n',
      );
      lines.push(`*** Failed to download the package list from ${source}\n`);
    }
  }
  reportErrors();
  console.error(lines.join('\n'));
}

function manifest(option) {
  const label = (pkg) => (option === '--strip-abi' ? withoutAbi(pkg) : pkg.name);
  const lines = [...readInstalled().values()].map((pkg) => `${label(pkg)} - ${pkg.version}\n`);
  process.stdout.write(lines.sort().join(''));
}

function reportErrors() {
  if (errors.length === 0) return;
  console.error(`Collected errors:\n${errors.map((line) => ` * ${line}`).join('\n')}`);
  errors.length = 0;
  process.exitCode = 255;
}

const [command, ...args] = process.argv.slice(2);
const all = () => readFolder(PACKAGE_DIR, '.ipk').packages;
const commands = {
  index: writeIndex,
  update,
  install: () => checkLock() && install(args, errors),
  manifest: () => manifest(args[0]),
  list: () =>
    say(
      all()
        .map((pkg) => `${pkg.name} - ${pkg.version} - ${sizeOf(pkg)}`)
        .join('\n'),
    ),
  depends: () => {
    const pkg = findProvider(all(), args[0]);
    if (pkg) say(`${pkg.name} depends on:\n${pkg.depends.map((name) => `\t${name}`).join('\n')}`);
  },
  whatdepends: () => {
    const pkg = findProvider(all(), args[0]);
    const users = all().filter((other) =>
      other.depends.some((name) => name === pkg?.name || pkg?.provides.includes(name)),
    );
    say(
      `Root set:\n  ${args[0]}\nWhat depends on root set\n${users.map((user) => `\t${user.name} ${user.version}\tdepends on ${pkg.name}`).join('\n')}`,
    );
  },
};
commands[command]();
reportErrors();
