import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type OverlayInput, renderOverlay } from '../../src/overlay/render.ts';
import { readFixture } from '../support/fixtures.ts';
import { bootScript } from './stand-in/boot-script.ts';
import { parseConfig, type UciSection } from './stand-in/uci-text.mjs';
import { makeBin, makeTempFolder, overlayInput, runAsh, writeTree } from './support.ts';

export const RELEASES = ['v21.02.7', 'v22.03.7', 'v23.05.6', 'v24.10.8', 'v25.12.5', 'main'] as const;
export type Release = (typeof RELEASES)[number];
export const MAC = '02:00:5E:10:AB:CD';

/** A router's root in a folder of its own, as it stands when first-boot scripts run. */
export interface Router {
  readonly root: string;
  /** Stand-ins of the router's programs, for PATH. */
  readonly bin: string;
  /** Put an image in place around what is in /etc, as sysupgrade does with a restored backup. */
  flash(input?: Partial<OverlayInput>): void;
  /** Put an image in place and keep of /etc only what a backup holds. */
  upgrade(input?: Partial<OverlayInput>, release?: Release): void;
  /** Erase everything written since the image was made, and let OpenWrt make its own settings again. */
  reset(): void;
  /** Run the first-boot script as the boot script does; its exit code. */
  boot(env?: Readonly<Record<string, string>>): number;
  run(
    script: string,
    env?: Readonly<Record<string, string>>,
  ): { readonly stdout: string; readonly stderr: string };
  uci(command: string): string;
  config(name: string): readonly UciSection[];
  section(config: string, name: string): UciSection['options'];
  read(path: string): string;
  write(path: string, text: string, mode?: number): void;
  has(path: string): boolean;
  /** Text of every file below /etc, by path, but for the log. */
  snapshot(): ReadonlyMap<string, string>;
  remove(): void;
}

/** Beside what packages name in /lib/upgrade/keep.d: configuration files of base-files and dropbear. */
const KEPT = ['config/', 'shadow', 'dropbear/'];

export function makeRouter(
  release: Release = 'v24.10.8',
  extra: Readonly<Record<string, string>> = {},
): Router {
  const root = makeTempFolder();
  const bin = makeBin(root, {
    wifi: `[ "$1" != config ] || [ ! -e "$IPKG_INSTROOT/wireless-later" ] || cp "$IPKG_INSTROOT/wireless-later" "$IPKG_INSTROOT/etc/config/wireless"`,
    ...extra,
  });
  let running = release;
  const path = (name: string) => join(root, name);
  const listEtc = () =>
    readdirSync(path('etc'), { recursive: true, encoding: 'utf8' })
      .sort()
      .filter((name) => statSync(path(`etc/${name}`)).isFile());
  const keepList = () => {
    const folder = path('lib/upgrade/keep.d');
    const lines = existsSync(folder)
      ? readdirSync(folder).flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'))
      : [];
    return [
      ...KEPT,
      ...lines.filter((line) => line.startsWith('/etc/')).map((line) => line.slice('/etc/'.length)),
    ];
  };
  const router: Router = {
    root,
    bin,
    flash: (input) => {
      const tree = renderOverlay(overlayInput(input));
      for (const folder of ['usr/share/mape-image', 'etc/dropbear', 'rom'])
        rmSync(path(folder), { recursive: true, force: true });
      writeTree(root, tree);
      writeTree(path('rom'), tree);
    },
    upgrade: (input, to = release) => {
      const keep = keepList();
      const backup = listEtc()
        .filter((name) => keep.some((kept) => name === kept || (kept.endsWith('/') && name.startsWith(kept))))
        .map((name) => ({
          name,
          text: router.read(`etc/${name}`),
          mode: statSync(path(`etc/${name}`)).mode,
        }));
      rmSync(path('etc'), { recursive: true });
      running = to;
      router.write('etc/board.json', readFixture(`overlay/network/board-${to}.json`));
      router.flash(input);
      for (const { name, text, mode } of backup) {
        rmSync(path(`etc/${name}`), { force: true });
        router.write(`etc/${name}`, text, mode & 0o777);
      }
    },
    reset: () => {
      rmSync(path('etc'), { recursive: true });
      makeOwnSettings(router, running);
      if (existsSync(path('rom/etc'))) router.run('cp -a "$IPKG_INSTROOT/rom/etc" "$IPKG_INSTROOT"');
    },
    boot: (env) => {
      if (!router.has('etc/uci-defaults/99-mape')) throw new Error('nothing to run at first boot');
      const run = runAsh(bootScript(running), { root, bin, ...(env === undefined ? {} : { env }) });
      if (run.stderr !== '') throw new Error(`first boot said: ${run.stderr}`);
      rmSync(path('tmp'), { recursive: true, force: true });
      mkdirSync(path('tmp'));
      return run.status ?? -1;
    },
    run: (script, env) => runAsh(script, { root, bin, ...(env === undefined ? {} : { env }) }),
    uci: (command) => {
      const run = runAsh(`uci ${command}`, { root, bin });
      if (run.status !== 0) throw new Error(`uci ${command}: ${run.stderr}`);
      return run.stdout.trimEnd();
    },
    config: (name) => parseConfig(readFileSync(path(`etc/config/${name}`), 'utf8')),
    section: (config, name) => {
      const found = router.config(config).find((section) => section.name === name);
      if (found === undefined) throw new Error(`no section ${config}.${name}`);
      return found.options;
    },
    read: (name) => readFileSync(path(name), 'utf8'),
    write: (name, text, mode = 0o644) => {
      mkdirSync(dirname(path(name)), { recursive: true });
      writeFileSync(path(name), text, { mode });
    },
    has: (name) => existsSync(path(name)),
    snapshot: () =>
      new Map(
        listEtc()
          .filter((name) => !name.endsWith('first-boot.log'))
          .map((name) => [name, readFileSync(path(`etc/${name}`), 'utf8')]),
      ),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
  makeOwnSettings(router, release);
  router.write('sys/class/net/eth0/address', `${MAC}\n`);
  mkdirSync(path('tmp'));
  return router;
}

/** What OpenWrt itself writes before first-boot scripts run. */
function makeOwnSettings(router: Router, release: Release): void {
  router.write('etc/config/network', readFixture(`overlay/network/network-${release}.uci`));
  router.write('etc/board.json', readFixture(`overlay/network/board-${release}.json`));
  router.write('etc/config/system', readFixture('overlay/network/system-v25.12.5.uci'));
  for (const name of ['firewall', 'dhcp', 'dropbear', 'wireless'])
    router.write(`etc/config/${name}`, readFixture(`overlay/config/${name}`));
  router.write(
    'etc/shadow',
    'root:::0:99999:7:::\ndaemon:*:0:0:99999:7:::\nnobody:*:0:0:99999:7:::\n',
    0o600,
  );
}
