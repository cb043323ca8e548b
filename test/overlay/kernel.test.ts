import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { ResolvedConfig } from '../../src/config/config.ts';
import type { MapeParameters, PortRange } from '../../src/mape/parameters.ts';
import { renderOverlay } from '../../src/overlay/render.ts';
import {
  fullAddress,
  hasTool,
  makeTempFolder,
  mapeOf,
  namespaceCommand,
  overlayInput,
  plainConfig,
  SYNTHETIC,
  standInFolder,
  writeTree,
} from './support.ts';

const tools = hasTool('busybox') && hasTool('ip', ['-V']) && hasTool('perl', ['-v']);
const namespace = namespaceCommand();
const NFT = 'usr/share/nftables.d/ruleset-post/50-mape-image.nft';

let root: string;
afterEach(() => rmSync(root, { recursive: true, force: true }));

/**
 * Three namespaces: client – router – server. The router's outer device is a veth named as the tunnel; the server counts
 * what must not arrive: another source, a port or echo id outside the set, a protocol without ports.
 */
function inNamespaces(
  mape: MapeParameters,
  config: Partial<ResolvedConfig>,
  script: string,
): Record<string, unknown>[] {
  root = makeTempFolder();
  writeTree(root, renderOverlay(overlayInput({ mape, config: { ...plainConfig, ...config } })));
  mkdirSync(join(root, 'tmp'));
  const set = mape.portRanges.map(([first, last]) => `${Math.max(first, 1)}-${last}`).join(', ');
  writeFileSync(
    join(root, 'watch.nft'),
    `table ip watch {
      counter wrong {}
      counter heard {}
      chain in {
        type filter hook prerouting priority -300;
        counter name heard
        ip saddr != ${mape.ipv4Address} counter name wrong
        tcp sport != { ${set} } counter name wrong
        udp sport != { ${set} } counter name wrong
        icmp type echo-request icmp id != { ${set} } counter name wrong
        meta l4proto != { tcp, udp, icmp } counter name wrong
      }
    }`,
  );
  const prelude = `
    set -e
    root='${root}' address=${mape.ipv4Address}
    traffic() { '${process.execPath}' '${join(standInFolder, 'traffic.mjs')}' "$@"; }
    ip link set lo up
    unshare -n sleep 300 & client=$!
    unshare -n sleep 300 & server=$!
    trap 'kill $client $server' EXIT
    while [ "$(readlink /proc/$client/ns/net)" = "$(readlink /proc/$$/ns/net)" ] ||
      [ "$(readlink /proc/$server/ns/net)" = "$(readlink /proc/$$/ns/net)" ]; do :; done
    C="nsenter -t $client -n" S="nsenter -t $server -n"
    ip link add lan0 type veth peer name c0 netns $client
    ip link add map-wan6mape type veth peer name s0 netns $server
    ip addr add 192.168.1.1/24 dev lan0; ip link set lan0 up
    $C ip link set lo up; $C ip addr add 192.168.1.100/24 dev c0; $C ip link set c0 up; $C ip route add default via 192.168.1.1
    $S ip link set lo up; for i in 1 2 3 4 5 6 7 8 9 10; do $S ip addr add 198.51.100.$i/24 dev s0; done
    $S ip link set s0 up; $S ip route add $address/32 dev s0
    echo 1 >/proc/sys/net/ipv4/ip_forward
    nft -f "$root/${NFT}"
    ip addr add $address/32 dev map-wan6mape; ip link set map-wan6mape up
    ip route add 198.51.100.0/24 dev map-wan6mape src $address
    $S nft -f "$root/watch.nft"
    mkfifo "$root/hold"; : >"$root/ready"; : >"$root/listening"
    $S "${process.execPath}" '${join(standInFolder, 'traffic.mjs')}' server <"$root/hold" >"$root/ready" & exec 9>"$root/hold"
    while ! grep -q ready "$root/ready"; do :; done
    count() { nft list counter ip mape_guard "$1" | sed -n 's/.*packets \\([0-9]*\\) .*/\\1/p'; }
    wrong() { $S nft list counter ip watch wrong | sed -n 's/.*packets \\([0-9]*\\) .*/\\1/p'; }
    all() { $S nft list counter ip watch heard | sed -n 's/.*packets \\([0-9]*\\) .*/\\1/p'; }
  `;
  const [file = '', ...args] = namespace ?? [];
  const run = spawnSync(file, [...args, 'sh', '-c', `${prelude}\n${script}`], {
    encoding: 'utf8',
    timeout: 110_000,
  });
  expect(run.stderr).toBe('');
  return run.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

/** The guard service, in a process group of its own; functions for what it calls, since ash prefers its own applets. */
const guardService = `
  export IPKG_INSTROOT="$root" address
  setsid busybox ash -c '
    logger() { :; }
    ifup() {
      ip link set map-wan6mape up
      ip route replace 198.51.100.0/24 dev map-wan6mape src "$address"
      : >"$IPKG_INSTROOT/up"
    }
    . "$IPKG_INSTROOT/usr/lib/mape-image/guard.sh"' & guard=$!
  # until the service hears: one that is not ready yet misses the table
  while ! [ -e "$root/up" ]; do
    nft add table ip mape_watch_0; nft delete table ip mape_watch_0
    for i in $(seq 60); do [ -e "$root/up" ] || sleep 0.05; done
  done
  rm "$root/up"`;

const inSet = (ranges: readonly PortRange[], port: unknown) =>
  ranges.some(([first, last]) => first <= Number(port) && Number(port) <= last);

describe.runIf(tools && namespace !== undefined)('on a kernel', () => {
  it('uses every port of the set towards one server, and no other', { timeout: 120_000 }, () => {
    const mape = mapeOf(SYNTHETIC.v6plus);
    const [tcp, after] = inNamespaces(
      mape,
      {},
      `$C '${process.execPath}' '${join(standInFolder, 'traffic.mjs')}' tcp 198.51.100.1 240
       echo "{\\"wrong\\":$(wrong)}"`,
    );
    expect(tcp?.opened).toBe(240);
    const ports = Array.isArray(tcp?.ports) ? tcp.ports : [];
    expect(new Set(ports).size).toBe(240);
    expect(ports.filter((port) => !inSet(mape.portRanges, port))).toEqual([]);
    expect(after?.wrong).toBe(0);
  });

  it('keeps one outside port for a UDP socket whatever it talks to', { timeout: 120_000 }, () => {
    const mape = mapeOf(SYNTHETIC.ocn);
    const hosts = Array.from({ length: 10 }, (_, i) => `198.51.100.${i + 1}`);
    const [udp, after] = inNamespaces(
      mape,
      {},
      `$C '${process.execPath}' '${join(standInFolder, 'traffic.mjs')}' udp ${hosts.join(' ')} --sockets 20
       echo "{\\"wrong\\":$(wrong)}"`,
    );
    const sockets = Array.isArray(udp?.ports) ? udp.ports : [];
    expect(sockets).toHaveLength(20);
    for (const seen of sockets) {
      expect(new Set(seen).size).toBe(1);
      expect(inSet(mape.portRanges, seen[0])).toBe(true);
    }
    expect(after?.wrong).toBe(0);
  });

  it('keeps ports for servers out of the pool, and lets the servers answer from them', {
    timeout: 120_000,
  }, () => {
    const mape = mapeOf(SYNTHETIC.v6plus);
    const kept: PortRange = [6016, 6020];
    const [tcp, inbound, after] = inNamespaces(
      mape,
      { reservedPorts: [kept] },
      `$C '${process.execPath}' '${join(standInFolder, 'traffic.mjs')}' tcp 198.51.100.1 235
       traffic listen $address 6018 >"$root/listening" &
       while ! grep -q ready "$root/listening"; do :; done
       $S '${process.execPath}' '${join(standInFolder, 'traffic.mjs')}' tcp $address 1 6018
       echo "{\\"wrong\\":$(wrong)}"`,
    );
    expect(tcp?.opened).toBe(235);
    expect((Array.isArray(tcp?.ports) ? tcp.ports : []).filter((port) => inSet([kept], port))).toEqual([]);
    expect(inbound?.opened).toBe(1);
    expect(after?.wrong).toBe(0);
  });

  it('translates ping and the router itself, and drops and counts what cannot be translated', {
    timeout: 120_000,
  }, () => {
    const mape = mapeOf(SYNTHETIC.v6plus);
    const [result] = inNamespaces(
      mape,
      {},
      `ping=0; for i in 1 2 3; do $C busybox ping -c 1 -W 2 198.51.100.1 >/dev/null && ping=$((ping + 1)); done
       busybox ping -c 1 -W 2 198.51.100.1 >/dev/null && ping=$((ping + 1))
       own=$(traffic tcp 198.51.100.1 5 | sed 's/.*"opened":\\([0-9]*\\).*/\\1/')
       # the five connections still close on a busy machine: count from when the line is silent
       before=$(all)
       while sleep 0.5 && [ "$(all)" != "$before" ]; do before=$(all); done
       gre='socket(my $s, 2, 3, 47); send($s, "x", 0, pack("Sna4x8", 2, 0, pack("C4", 198, 51, 100, 1)))'
       perl -e "$gre"; $C perl -e "$gre"
       # a chain that maps nothing leaves the guard alone with private addresses
       nft flush chain ip mape_image translate
       $C busybox ping -c 1 -W 1 198.51.100.1 >/dev/null || :
       $C busybox nc -w 1 198.51.100.1 7000 </dev/null >/dev/null 2>&1 || :
       echo "{\\"ping\\":$ping,\\"own\\":$own,\\"sent\\":$(($(all) - before)),\\"wrong\\":$(wrong),\\"protocol\\":$(count leak_protocol),\\"source\\":$(count leak_source)}"`,
    );
    expect(result).toMatchObject({ ping: 4, own: 5, sent: 0, wrong: 0 });
    expect(Number(result?.protocol) + Number(result?.source)).toBeGreaterThanOrEqual(4);
  });

  it('stays one pair of tables over ten loads, with or without a live one, and keeps connections', {
    timeout: 120_000,
  }, () => {
    const mape = mapeOf(SYNTHETIC.v6plus);
    const [result] = inNamespaces(
      mape,
      {},
      `export IPKG_INSTROOT="$root"
       sed -i "s|/var/run/mape-image|$root/var/run/mape-image|" "$root/${NFT}"
       for i in 1 2 3 4 5 6 7 8 9 10; do nft -f "$root/${NFT}"; done
       tables=$(nft list tables | wc -l) rules=$(nft list table ip mape_image | grep -c 'snat to')
       # another prefix, as map.sh would say it
       busybox ash -c '. "$IPKG_INSTROOT/usr/lib/mape-image/nat.sh"; mape_nat_apply wan6mape 14.8.52.87 "5000-5015 9096-9111 "'
       for i in 1 2 3; do nft -f "$root/${NFT}"; done
       live=$(nft list table ip mape_image | grep -c 'snat to 14.8.52.87') tables=$tables$(nft list tables | wc -l)
       # a second interface has its own; the guard of the first lets it by
       busybox ash -c '. "$IPKG_INSTROOT/usr/lib/mape-image/nat.sh"; mape_nat_apply second 14.8.52.99 "5016-5031"'
       tended=$(nft list set ip mape_guard tended | grep -c map-second)
       # and back
       busybox ash -c '. "$IPKG_INSTROOT/usr/lib/mape-image/nat.sh"; mape_nat_apply wan6mape '$address' "$(sed -n "s/^BAKED_PORTSETS=.\\(.*\\).$/\\1/p" "$IPKG_INSTROOT/usr/share/mape-image/baked")"'
       back=$(nft list table ip mape_image | grep -c "snat to $address") tended=$tended$(nft list set ip mape_guard tended | grep -c map-second)
       # what nft refuses changes nothing
       busybox ash -c '. "$IPKG_INSTROOT/usr/lib/mape-image/nat.sh"; mape_nat_apply wan6mape 14.8.52.300 "5000-5015"' 2>/dev/null && exit 1
       same=$(nft list table ip mape_image | grep -c "snat to $address")
       echo "{\\"tables\\":$tables,\\"rules\\":$rules,\\"live\\":$live,\\"tended\\":$tended,\\"back\\":$back,\\"same\\":$same}"`,
    );
    expect(result).toEqual({ tables: 66, rules: 45, live: 6, tended: 11, back: 45, same: 45 });
  });

  it('puts its tables back when somebody deletes one', { timeout: 120_000 }, () => {
    const [result] = inNamespaces(
      mapeOf(SYNTHETIC.v6plus),
      {},
      `${guardService}
       back=0
       for table in mape_image mape_guard mape_image; do
         nft delete table ip $table
         tries=0
         while ! nft list table ip $table >/dev/null 2>&1 && [ $tries -lt 600 ]; do tries=$((tries + 1)); sleep 0.01; done
         [ $tries -lt 600 ] && back=$((back + 1))
       done
       kill $guard
       echo "{\\"back\\":$back}"`,
    );
    expect(result).toEqual({ back: 3 });
  });

  it('needs no port set for an address of one subscriber', { timeout: 120_000 }, () => {
    const [tcp, after] = inNamespaces(
      fullAddress,
      {},
      `$C '${process.execPath}' '${join(standInFolder, 'traffic.mjs')}' tcp 198.51.100.1 300
       echo "{\\"wrong\\":$(wrong)}"`,
    );
    expect(tcp?.opened).toBe(300);
    expect(after?.wrong).toBe(0);
  });
});
