/** opkg's database in the root, and the installation of packages into it. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProvider, ownedPaths, readFolder, readPackage, unpack } from './package.mjs';

const { TARGET_DIR, PACKAGE_DIR } = process.env;
const STATUS = join(TARGET_DIR, 'usr/lib/opkg/status');
const INFO = join(TARGET_DIR, 'usr/lib/opkg/info');
const say = (line) => process.stdout.write(`${line}\n`);

/** Installed packages by name. */
export function readInstalled() {
  if (!existsSync(STATUS)) return new Map();
  const paragraphs = readFileSync(STATUS, 'utf8').split('\n\n').filter(Boolean);
  return new Map(
    paragraphs.map((text) => {
      const field = (name) => new RegExp(`^${name}: (.*)$`, 'm').exec(text)?.[1] ?? '';
      const list = (name) => field(name).split(', ').filter(Boolean);
      return [
        field('Package'),
        {
          name: field('Package'),
          version: field('Version'),
          depends: list('Depends'),
          provides: list('Provides'),
          conflicts: list('Conflicts'),
        },
      ];
    }),
  );
}

/** Control data as opkg writes them, with `extra` fields behind. */
export const paragraph = (pkg, extra) =>
  [
    ['Package', pkg.name],
    ['Version', pkg.version],
    ['Depends', pkg.depends.join(', ')],
    ['Conflicts', pkg.conflicts.join(', ')],
    ['Provides', pkg.provides.join(', ')],
    ['Architecture', pkg.arch],
    ...extra,
  ]
    .filter(([, value]) => value !== '')
    .map(([key, value]) => `${key}: ${value}\n`)
    .join('');

function readOwners() {
  const lists = existsSync(INFO) ? readdirSync(INFO).filter((name) => name.endsWith('.list')) : [];
  return new Map(
    lists.flatMap((list) =>
      readFileSync(join(INFO, list), 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((path) => [path.slice(1), list.slice(0, -5)]),
    ),
  );
}

/** Install packages and what they need, and add to `errors`; a request that cannot be met does not stop the others. */
export function install(requests, errors) {
  const installed = readInstalled();
  const { packages } = readFolder(PACKAGE_DIR, '.ipk');
  const fresh = [];
  const refuse = (name) => errors.push(`opkg_install_cmd: Cannot install package ${name}.`);
  const available = (name) => findProvider([...installed.values()], name) ?? findProvider(packages, name);

  /** First dependency that cannot be met below `pkg`, as {owner, name}. */
  const findUnmet = (pkg, seen = new Set()) => {
    if (installed.has(pkg.name) || seen.has(pkg.name)) return undefined;
    seen.add(pkg.name);
    for (const name of pkg.depends) {
      const next = available(name);
      const unmet = next ? findUnmet(next, seen) : { owner: pkg, name };
      if (unmet) return next ? { ...unmet, direct: name } : unmet;
    }
    return undefined;
  };

  /** `pkg` and what it needs that is not installed yet. */
  const closure = (pkg, found = new Set()) => {
    if (installed.has(pkg.name) || found.has(pkg)) return found;
    found.add(pkg);
    for (const name of pkg.depends) closure(available(name), found);
    return found;
  };

  /** Names of two packages that exclude each other, one of them new with `pkg`. */
  const findConflict = (pkg) => {
    const news = [...closure(pkg)];
    for (const one of news) {
      const other = [...installed.values(), ...news].find(
        ({ name, conflicts }) => conflicts.includes(one.name) || one.conflicts.includes(name),
      );
      if (other) return [one.name, other.name];
    }
    return undefined;
  };

  const place = (pkg) => {
    if (installed.has(pkg.name)) return true;
    say(`Installing ${pkg.name} (${pkg.version}) to root...`);
    if (pkg.file.startsWith(PACKAGE_DIR))
      say(`Downloading file:packages/${pkg.file.slice(PACKAGE_DIR.length + 1).replaceAll('+', '%2b')}`);
    installed.set(pkg.name, pkg); // before its dependencies, so that a cycle ends
    for (const name of pkg.depends) place(available(name));
    const clash = ownedPaths(pkg)
      .map((path) => [path, ownerOf(path)])
      .find(([, owner]) => owner);
    if (clash) {
      errors.push(
        `check_data_file_clashes: Package ${pkg.name} wants to install file ${TARGET_DIR}/${clash[0]}\n\tBut that file is already provided by package  * ${clash[1]}`,
      );
      installed.delete(pkg.name);
      return false;
    }
    unpack(TARGET_DIR, pkg);
    mkdirSync(INFO, { recursive: true });
    writeFileSync(
      join(INFO, `${pkg.name}.list`),
      ownedPaths(pkg)
        .map((path) => `/${path}\n`)
        .join(''),
    );
    writeFileSync(join(INFO, `${pkg.name}.control`), paragraph(pkg, []));
    for (const path of ownedPaths(pkg)) owners.set(path, pkg.name);
    fresh.push(pkg);
    return true;
  };

  const owners = readOwners();
  const ownerOf = (path) => owners.get(path);
  for (const request of requests) {
    const pkg = existsSync(request) ? readPackage(request) : available(request);
    const unmet = pkg && findUnmet(pkg);
    const rivals = pkg && !unmet && findConflict(pkg);
    if (!pkg || (unmet && !unmet.direct)) {
      say(`Unknown package '${pkg?.name ?? request}'.`);
      if (pkg)
        errors.push(
          `pkg_hash_check_unresolved: cannot find dependency ${unmet.name} for ${pkg.name}`,
          `pkg_hash_fetch_best_installation_candidate: Packages for ${pkg.name} found, but incompatible with the architectures configured`,
        );
      refuse(pkg?.name ?? request);
    } else if (unmet) {
      errors.push(
        `satisfy_dependencies_for: Cannot satisfy the following dependencies for ${pkg.name}:`,
        `\t${unmet.direct} * `,
      );
      refuse(pkg.name);
    } else if (installed.has(pkg.name)) {
      say(`Package ${pkg.name} (${pkg.version}) installed in root is up to date.`);
    } else if (rivals) {
      errors.push(
        `check_conflicts_for: The following packages conflict with ${rivals[0]}:`,
        `check_conflicts_for: \t${rivals[1]} * `,
      );
      refuse(pkg.name);
    } else if (!place(pkg)) refuse(pkg.name);
  }
  for (const { name } of fresh) say(`Configuring ${name}.`);
  mkdirSync(INFO, { recursive: true });
  const previous = existsSync(STATUS) ? readFileSync(STATUS, 'utf8') : '';
  writeFileSync(
    STATUS,
    previous + fresh.map((pkg) => `${paragraph(pkg, [['Status', 'install user installed']])}\n`).join(''),
  );
}
