/**
 * Stand-in of apk: node apk.mjs index|update|install NAME...|manifest|list|depends NAME|whatdepends NAME
 *
 * Unlike opkg it settles the whole selection first and installs nothing when that fails.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  findProvider,
  ownedPaths,
  readFolder,
  sizeOf,
  takeLock,
  unpack,
  wipeRoot,
  withoutAbi,
} from './package.mjs';

const { TOPDIR, TARGET_DIR, PACKAGE_DIR } = process.env;
const DB = join(TARGET_DIR, 'lib/apk/db');
const say = (line) => process.stdout.write(`${line}\n`);
const id = ({ name, version }) => `${name}-${version}`;

function available() {
  return readFolder(PACKAGE_DIR, '.apk').packages;
}

function checkLock() {
  if (takeLock()) return;
  console.error(
    'ERROR: Unable to lock database: Resource temporarily unavailable\nERROR: Failed to open apk database: Resource temporarily unavailable',
  );
  process.exit(99);
}

/** Remote repositories are never asked: they fail as they do without a network. */
function update() {
  checkLock();
  wipeRoot(TARGET_DIR);
  const lines = existsSync(join(TOPDIR, 'repositories'))
    ? readFileSync(join(TOPDIR, 'repositories'), 'utf8').split('\n')
    : [];
  for (const url of lines.map((line) => line.trim()).filter((line) => line && !line.startsWith('#'))) {
    if (!url.startsWith('file:'))
      console.error(`WARNING: updating and opening ${url}: temporary error (try again later)`);
  }
  for (const path of readFolder(PACKAGE_DIR, '.apk').damaged)
    console.error(`ERROR: ${path}: file format is invalid or inconsistent`);
  say('OK: 0 MiB in 0 packages');
}

/**
 * Split requests into constraints. A version pin holds for the names behind it as well: the makefile of 25.12
 * has that flaw, and a caller must never write name=version.
 */
function parseRequests(words) {
  let pin;
  return words.map((word) => {
    const [, name, operator, version] = /^([^=~<>]+)(?:([=~])(.+))?$/.exec(word) ?? [undefined, word];
    if (operator === '=') pin = version;
    return { name, pin: operator === '~' ? undefined : pin, fuzzy: operator === '~' ? version : undefined };
  });
}

/** Packages in the order of installation and the reasons why there is no selection. */
function select(requests, packages) {
  const order = [];
  const seen = new Set();
  const missing = new Map();
  const reasons = [];
  const visit = (name, by) => {
    const pkg = findProvider(packages, name);
    if (!pkg) return void missing.set(name, [...(missing.get(name) ?? []), `${by}[${name}]`]);
    if (seen.has(pkg.name)) return;
    seen.add(pkg.name);
    for (const next of [...pkg.depends].sort()) visit(next, id(pkg));
    order.push(pkg);
  };
  for (const { name } of [...requests].sort((a, b) => (a.name < b.name ? -1 : 1))) visit(name, 'world');
  for (const [name, users] of missing)
    reasons.push(`  ${name} (no such package):\n    required by: ${[...new Set(users)].join(' ')}`);
  const rivals = order.filter((pkg) =>
    order.some((other) => other.conflicts.includes(pkg.name) || pkg.conflicts.includes(other.name)),
  );
  for (const pkg of rivals) {
    const other = rivals.find(
      (rival) => rival.conflicts.includes(pkg.name) || pkg.conflicts.includes(rival.name),
    );
    const shared =
      pkg.provides.find((name) => other.provides.includes(name) || name === other.name) ?? other.name;
    const user = order.find((candidate) => candidate.depends.includes(pkg.name));
    reasons.push(
      `  ${id(pkg)}:\n    conflicts: ${id(other)}[${shared}=${pkg.version}]\n    satisfies: ${user ? id(user) : 'world'}[${pkg.name}]`,
    );
  }
  for (const { name, pin, fuzzy } of requests) {
    const pkg = findProvider(packages, name);
    if (pkg && pin !== undefined && pkg.version !== pin)
      reasons.push(`  ${id(pkg)}:\n    breaks: world[${name}=${pin}]`);
    if (pkg && fuzzy !== undefined && !pkg.version.startsWith(fuzzy))
      reasons.push(`  ${id(pkg)}:\n    breaks: world[${name}~${fuzzy}]`);
  }
  return { order, reasons };
}

function install(words) {
  checkLock();
  const packages = available();
  // The builder asks for names with their ABI suffix.
  const requests = parseRequests(words).map((request) => {
    const pkg = findProvider(packages, request.name);
    return pkg && withoutAbi(pkg) === request.name ? { ...request, name: pkg.name } : request;
  });
  const { order, reasons } = select(requests, packages);
  if (reasons.length > 0) {
    console.error(`ERROR: unable to select packages:\n${reasons.join('\n')}`);
    process.exit(1);
  }
  const width = String(order.length).length;
  const owners = new Map();
  let failures = 0;
  order.forEach((pkg, index) => {
    say(`(${String(index + 1).padStart(width)}/${order.length}) Installing ${pkg.name} (${pkg.version})`);
    for (const path of ownedPaths(pkg)) {
      const owner = owners.get(path);
      if (owner) {
        console.error(`ERROR: ${id(pkg)}: trying to overwrite ${path} owned by ${owner}.`);
        failures++;
      } else owners.set(path, id(pkg));
    }
    unpack(TARGET_DIR, pkg);
  });
  mkdirSync(DB, { recursive: true });
  writeFileSync(
    join(DB, 'installed'),
    order
      .map(
        (pkg) =>
          `P:${pkg.name}\nV:${pkg.version}\nA:${pkg.arch}\nD:${pkg.depends.join(' ')}\np:${pkg.provides.join(' ')}\n${ownedPaths(
            pkg,
          )
            .map((path) => `F:${path}\n`)
            .join('')}\n`,
      )
      .join(''),
  );
  writeFileSync(join(DB, 'world'), [...new Set(requests.map(({ name }) => `${name}\n`))].sort().join(''));
  mkdirSync(join(TARGET_DIR, 'lib/apk/packages'), { recursive: true });
  for (const pkg of order)
    writeFileSync(
      join(TARGET_DIR, 'lib/apk/packages', `${pkg.name}.list`),
      ownedPaths(pkg)
        .map((path) => `/${path}\n`)
        .join(''),
    );
  const mib = Math.round(order.reduce((sum, pkg) => sum + sizeOf(pkg), 0) / 1048576);
  if (failures > 0) {
    say(`${failures} error; ${mib} MiB in ${order.length} packages`);
    process.exit(1);
  }
  say(`OK: ${mib} MiB in ${order.length} packages`);
}

/** Installed packages: `name version`, in the file that goes with an image `name - version`. */
function manifest(option) {
  const paragraphs = readFileSync(join(DB, 'installed'), 'utf8').split('\n\n').filter(Boolean);
  const lines = paragraphs.map((text) => {
    const field = (key) => new RegExp(`^${key}:(.*)$`, 'm').exec(text)[1];
    const pkg = { name: field('P'), provides: field('p').split(' ').filter(Boolean) };
    const name = option === '--strip-abi' ? withoutAbi(pkg) : pkg.name;
    return `${name} ${option === '--file' ? '- ' : ''}${field('V')}\n`;
  });
  process.stdout.write(lines.sort().join(''));
}

const [command, ...args] = process.argv.slice(2);
const commands = {
  index: () => {},
  update,
  install: () => install(args),
  manifest: () => manifest(args[0]),
  list: () =>
    say(
      available()
        .map((pkg) => `${id(pkg)} ${sizeOf(pkg)}`)
        .join('\n'),
    ),
  depends: () => {
    const pkg = findProvider(available(), args[0]);
    if (pkg) say(`${id(pkg)} depends on:\n${pkg.depends.join('\n')}`);
  },
  whatdepends: () => {
    const packages = available();
    const pkg = findProvider(packages, args[0]);
    const users = packages.filter((other) =>
      other.depends.some((name) => name === pkg?.name || pkg?.provides.includes(name)),
    );
    say(`${pkg ? id(pkg) : args[0]} is required by:\n${users.map(id).join('\n')}`);
  },
};
commands[command]();
