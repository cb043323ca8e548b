import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { MAIN } from '../../support/cli.ts';
import { makeChannel } from './channel.ts';
import { packImage } from './image.ts';
import { startMachine } from './machine.ts';
import { ipv6Sockaddr, routerAdvertisement } from './packets.ts';
import type { Prepared } from './prepared.ts';
import type { Subscriber } from './subscribers.ts';
import { makeTraffic, PORT, raw } from './traffic.ts';
import { renderWatch, WRONG } from './watch.ts';

const ROUTER_ROOT = '/routers/one';
const FIXTURES = join(import.meta.dirname, '../../fixtures/overlay');
/** What a router of release 24.10 has before its first boot, from the overlay's tests. */
const OWN_FILES = {
  'config/network': 'network/network-v24.10.8.uci',
  'config/system': 'network/system-v25.12.5.uci',
  'config/dhcp': 'config/dhcp',
  'board.json': 'network/board-v24.10.8.json',
} as const;

const statusSchema = z.object({
  up: z.boolean(),
  errors: z.array(z.object({ code: z.string() })).default([]),
});
const verdictSchema = z.object({ verdict: z.object({ code: z.string() }) });

interface Advertised {
  readonly text: string;
  readonly validSec: number;
}

export interface RouterOptions {
  /** Arguments of `mape-image render` beside output and device. */
  readonly render: readonly string[];
  /** Whom the relay has a tunnel for; the first is who the router is built for. */
  readonly subscribers: readonly [Subscriber, ...Subscriber[]];
  /** Prefixes the access network sends to the router: on its link, or through it. */
  readonly routes: Readonly<Record<string, 'link' | 'via'>>;
}

export type Lab = Awaited<ReturnType<typeof startLab>>;

/** For ash: whether IPv4 is up, which is when the firewall knows the tunnel. */
export function isUpAs(ipv4: string): string {
  return `{ ip -4 addr show dev map-wan6mape 2>/dev/null | grep -q 'inet ${ipv4}/' &&
    nft list chain inet fw4 forward 2>/dev/null | grep -q map-wan6mape; }`;
}

/** Boot the machine once; everything else happens in it. */
export async function startLab({ kernel, modulesFolder }: Prepared) {
  const folder = mkdtempSync(join(tmpdir(), 'mape-lab-'));
  const initrd = join(folder, 'initrd');
  writeFileSync(initrd, packImage(modulesFolder));
  const machine = await startMachine({ kernel, initrd, folder });
  const channel = makeChannel(machine);
  const traffic = makeTraffic(channel);
  const { run, sh, shAtHome, counters } = channel;
  let subscribers: readonly Subscriber[] = [];
  let routes = '';

  /** One router advertisement of the access network, with a prefix or without. */
  const advertise = (prefix?: Advertised) =>
    shAtHome(raw([6, 58, 'a0', ipv6Sockaddr('ff02::1'), routerAdvertisement(prefix)]), 'access');

  /** Again and again, as a line does: the first may come before anybody listens. */
  async function advertiseUntil(test: string, prefix?: Advertised): Promise<void> {
    for (let tries = 0; tries < 20; tries += 1) {
      await advertise(prefix);
      const ran = await run('router', `for i in 1 2 3 4 5; do ${test} && exit 0; sleep 0.3; done; exit 1`);
      if (ran.code === 0) return;
    }
    throw new Error(`advertised, and never true: ${test}`);
  }

  /** What `mape-status` concludes, and what it ends with. */
  async function verdict(): Promise<{ readonly code: string; readonly exitCode: number }> {
    const ran = await run('router', 'mape-status --json');
    return { code: verdictSchema.parse(JSON.parse(ran.stdout)).verdict.code, exitCode: ran.code };
  }

  return {
    ...channel,
    ...traffic,
    machine,
    advertise,
    verdict,

    /** Wait until `mape-status` concludes this; what it ends with. */
    async untilVerdict(code: string): Promise<number> {
      let last = await verdict();
      for (let tries = 0; tries < 60 && last.code !== code; tries += 1) {
        await sleep(1000);
        last = await verdict();
      }
      if (last.code !== code) throw new Error(`mape-status says ${last.code}, never ${code}`);
      return last.exitCode;
    },

    /** Take the cable out of the router's WAN port. */
    unplug: () => sh('access', 'ip link set a0 down'),
    plug: () => shAtHome(`ROUTES='${routes}' sh /lab/network.sh plug`),

    /** Take a prefix off the line again. */
    async withdraw(prefix: string): Promise<void> {
      await advertise({ text: prefix, validSec: 0 });
      await channel.until('router', `! { ${hasPrefix(prefix)}; }`);
    },

    /** Advertise a prefix until wan6 holds it. */
    raLine: (prefix: string) => advertiseUntil(hasPrefix(prefix), { text: prefix, validSec: 3600 }),

    /** Advertise the way out, then delegate a prefix, in place of DHCPv6. */
    async pdLine(prefix: string): Promise<void> {
      await advertiseUntil('ip -6 route show default | grep -q .');
      await sh('router', `line pd ${prefix}`);
    },

    /** A router as it is flashed, in a network of its own; not started yet. */
    async flash(options: RouterOptions): Promise<void> {
      subscribers = options.subscribers;
      const lines = subscribers.map(({ name, ipv4, ce }) => `${name} ${ipv4} ${ce}`).join('\n');
      routes = Object.entries(options.routes)
        .map((words) => words.join(' '))
        .join('\n');
      await channel.retire();
      await shAtHome('sh /lab/network.sh down');
      await channel.writeFile('/lab/watch.nft', Buffer.from(renderWatch(subscribers)));
      await shAtHome(
        `BR=${options.subscribers[0].br} SUBSCRIBERS='${lines}' ROUTES='${routes}' sh /lab/network.sh up`,
      );
      await channel.writeFile('/tmp/overlay.tar', renderOverlayTar(options.render, folder));
      for (const [target, source] of Object.entries(OWN_FILES))
        await channel.writeFile(`${ROUTER_ROOT}/etc/${target}`, readFileSync(join(FIXTURES, source)));
      await shAtHome(`
        tar -xf /tmp/overlay.tar -C ${ROUTER_ROOT} || exit 1
        nsenter --net=/run/netns/router node /lab/netifd/netifd.mjs ${ROUTER_ROOT} >/run/netifd.log 2>&1 </dev/null &
        until grep -q listening /run/netifd.log; do sleep 0.1; done`);
      await traffic.serve('server', PORT);
    },

    /** Start, through first-boot scripts to netifd. */
    boot: () => sh('router', 'lab-boot', { timeoutMs: 240_000 }),

    /** What netifd says of an interface. */
    status: async (name: string) =>
      statusSchema.parse(JSON.parse(await sh('router', `ubus call network.interface.${name} status`))),

    /** The logs of the router, of netifd and of the machine, for a test that failed. */
    async readLogs(): Promise<string> {
      const script = `tail -n 60 /run/netifd.log ${ROUTER_ROOT}/tmp/log`;
      const { stdout } = await machine.ask({ script, timeoutMs: 20_000 });
      return `${String(stdout)}\n${machine.console().slice(-2000)}`;
    },

    /** Packets outside the subscribers' sets that the relay has seen, by counter; empty where all is well. */
    async leaks(): Promise<Readonly<Record<string, number>>> {
      const all = {
        ...(await counters('relay', 'ip watch')),
        ...(await counters('relay', 'ip6 watch')),
        ...(await counters('access', 'ip watch')),
      };
      const wrong = subscribers.flatMap(({ name }) => WRONG.map((what) => `${name}_wrong_${what}`));
      const names = ['stranger', 'bare', ...wrong].filter((name) => all[name] !== 0);
      return Object.fromEntries(names.map((name) => [name, all[name] ?? -1]));
    },

    /** Begin counting anew at the relay. */
    resetWatch: () => sh('relay', 'nft reset counters'),

    async stop(): Promise<void> {
      await machine.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** For ash: whether wan6 holds a prefix. */
function hasPrefix(prefix: string): string {
  const [address = ''] = prefix.split('/');
  return `ubus call network.interface.wan6 status | grep -q '"ipv6-prefix":.*"${address}"'`;
}

/** The overlay as the built program writes it. */
function renderOverlayTar(args: readonly string[], folder: string): Buffer {
  const command = [MAIN, 'render', '--profile', 'tplink_archer-c6-v2', '--quiet', ...args, '-o', '-'];
  const run = spawnSync(process.execPath, command, { cwd: folder, maxBuffer: 64 << 20 });
  if (run.status !== 0) throw new Error(`mape-image ${command.slice(1).join(' ')}: ${String(run.stderr)}`);
  return run.stdout;
}
