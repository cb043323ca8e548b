import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type OverlayInput, renderOverlay } from '../../src/overlay/render.ts';
import { readFixture } from '../support/fixtures.ts';
import { parseConfig, type UciSection } from './stand-in/uci-text.mjs';
import { makeBin, makeTempFolder, overlayInput, runAsh, writeTree } from './support.ts';

export const RELEASES = ['v21.02.7', 'v22.03.7', 'v23.05.6', 'v24.10.8', 'v25.12.5', 'main'] as const;
export const MAC = '02:00:5E:10:AB:CD';

/** A router's root in a folder of its own, as it stands when first-boot scripts run. */
export interface Router {
  readonly root: string;
  flash(input?: Partial<OverlayInput>): void;
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

export function makeRouter(
  release: (typeof RELEASES)[number] = 'v24.10.8',
  extra: Readonly<Record<string, string>> = {},
): Router {
  const root = makeTempFolder();
  const bin = makeBin(root, {
    wifi: `[ "$1" != config ] || [ ! -e "$IPKG_INSTROOT/wireless-later" ] || cp "$IPKG_INSTROOT/wireless-later" "$IPKG_INSTROOT/etc/config/wireless"`,
    ...extra,
  });
  const path = (name: string) => join(root, name);
  const router: Router = {
    root,
    flash: (input) => {
      const tree = renderOverlay(overlayInput(input));
      for (const folder of ['usr/share/mape-image', 'etc/dropbear', 'rom'])
        rmSync(path(folder), { recursive: true, force: true });
      writeTree(root, tree);
      writeTree(path('rom'), tree);
    },
    boot: (env) => {
      const script = path('etc/uci-defaults/99-mape');
      if (!existsSync(script)) throw new Error('nothing to run at first boot');
      // The second half of what the boot script does: what is staged is committed, whoever staged it.
      const run = runAsh(
        `cd "$IPKG_INSTROOT/etc/uci-defaults"; ( . ./99-mape ) && rm -f 99-mape; code=$?
         for config in "$IPKG_INSTROOT"/tmp/.uci/*; do [ -e "$config" ] && uci -q commit "\${config##*/}"; done; exit $code`,
        { root, bin, ...(env === undefined ? {} : { env }) },
      );
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
    snapshot: () => {
      const names = readdirSync(path('etc'), { recursive: true, encoding: 'utf8' }).sort();
      const files = names.filter(
        (name) => statSync(path(`etc/${name}`)).isFile() && !name.endsWith('first-boot.log'),
      );
      return new Map(files.map((name) => [name, readFileSync(path(`etc/${name}`), 'utf8')]));
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
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
  router.write('sys/class/net/eth0/address', `${MAC}\n`);
  mkdirSync(path('tmp'));
  return router;
}
