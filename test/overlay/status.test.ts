import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { textWidth } from '../../src/cli/output/style.ts';
import { renderOverlay } from '../../src/overlay/render.ts';
import { readFixture } from '../support/fixtures.ts';
import { makeRouter, type Router } from './router.ts';
import { answerSchema, ask } from './status-answer.ts';
import {
  connection,
  type Files,
  failure,
  netifd,
  PORTSETS,
  runStatus,
  WAITING,
  WORKING,
  wan6,
} from './status-scene.ts';
import {
  ashProblem,
  fileText,
  fullAddress,
  hasTool,
  makeTempFolder,
  namespaceCommand,
  overlayFolder,
  overlayInput,
  plainConfig,
  templates,
  writeTree,
} from './support.ts';

const busybox = hasTool('busybox');
const shellcheck = hasTool('shellcheck', ['--version']);

describe('the script', () => {
  const path = '/usr/sbin/mape-status';

  it.runIf(busybox)('is taken by ash', () => {
    expect(ashProblem(fileText(templates, path))).toBeUndefined();
  });

  it.runIf(shellcheck)('is taken by shellcheck', () => {
    // SC3043: `local`, which every ash has
    const run = spawnSync('shellcheck', ['-s', 'dash', '-e', 'SC3043', join(overlayFolder, path)], {
      encoding: 'utf8',
    });
    expect(run.stdout).toBe('');
  });

  it('may be run', () => {
    const entry = renderOverlay(overlayInput()).get(path);
    expect(entry?.type === 'file' && entry.mode).toBe(0o755);
  });
});

describe.runIf(busybox)('options', () => {
  it.each([
    ['LANG', ['--help'], { LANG: 'ja_JP.UTF-8' }, '使い方'],
    ['LC_ALL before LANG', ['--help'], { LANG: 'ja_JP.UTF-8', LC_ALL: 'C' }, 'usage'],
    ['-l before both', ['--help', '-l', 'ja'], { LC_ALL: 'C' }, '使い方'],
    ['English without any', ['-h'], {}, 'usage'],
  ])('takes the language of %s', (_, args, env, word) => {
    const run = runStatus({}, args, { env });
    expect(run.status).toBe(0);
    expect(run.stdout.startsWith(word)).toBe(true);
    for (const line of run.stdout.split('\n')) expect(textWidth(line), line).toBeLessThanOrEqual(80);
  });

  it.each([['--jsno'], ['-l'], ['-l', 'fr'], ['now']])('ends with 3 after %s %s', (...args) => {
    const run = runStatus({}, args);
    expect([run.status, run.stdout]).toEqual([3, '']);
    expect(run.stderr).toContain('mape-status');
  });

  it('ends with 2 on an image of somebody else', () => {
    const run = runStatus({ 'usr/share/mape-image/baked': undefined });
    expect([run.status, run.stdout]).toEqual([2, '']);
  });
});

describe.runIf(busybox)('ports in use', () => {
  it('are outside ports of the pool, each once a protocol', () => {
    const table = [
      connection('tcp', 6016),
      connection('tcp', 6016),
      connection('udp', 6016),
      connection('tcp', 63375),
      connection('icmp', 10112),
      // kept for a server, outside the set, of another address, without NAT, of a protocol without ports
      connection('tcp', 6031),
      connection('tcp', 6032),
      connection('tcp', 6017, '14.8.52.8'),
      'ipv4     2 tcp      6 30 TIME_WAIT src=192.168.1.2 dst=192.168.1.1 sport=6018 dport=22 src=192.168.1.1 dst=192.168.1.2 sport=22 dport=6018 [ASSURED] use=1\n',
      'ipv4     2 unknown  47 599 src=14.8.52.86 dst=198.51.100.7 src=198.51.100.7 dst=14.8.52.86 use=1\n',
      'ipv6     10 tcp      6 30 ESTABLISHED src=2001:db8::1 dst=2001:db8::2 sport=6019 dport=443 src=2001:db8::2 dst=2001:db8::1 sport=443 dport=6019 use=1\n',
      // a forward: the first tuple goes to our address
      'ipv4     2 tcp      6 30 ESTABLISHED src=198.51.100.9 dst=14.8.52.86 sport=6020 dport=6031 src=192.168.1.10 dst=198.51.100.9 sport=443 dport=6020 [ASSURED] use=1\n',
    ];
    const { ports } = ask(
      { 'proc/net/nf_conntrack': table.join('') },
      { input: { config: { ...plainConfig, reservedPorts: [[6031, 6031]] } } },
    );
    expect(ports).toEqual({
      set: PORTSETS.split(' '),
      count: 240,
      kept: ['6031'],
      pool: 239,
      inUse: { tcp: 2, udp: 1, icmp: 1 },
    });
  });

  it.each([
    [227, 'OK'],
    [228, 'PORTS_EXHAUSTED'],
  ])('%i of 240: %s', (used, code) => {
    const all = PORTSETS.split(' ').flatMap((range) =>
      Array.from({ length: 16 }, (_, index) => connection('udp', Number(range.split('-')[0]) + index)),
    );
    expect(ask({ 'proc/net/nf_conntrack': all.slice(0, used).join('') }).verdict.code).toBe(code);
  });

  it('are found in what a kernel wrote of three connections behind a NAT rule', () => {
    const table = readFixture('overlay/status/nf_conntrack.txt');
    expect(ask({ 'proc/net/nf_conntrack': table }).ports.inUse).toEqual({ tcp: 1, udp: 1, icmp: 1 });
  });

  it('are not known without a table of connections', () => {
    expect(ask({ 'proc/net/nf_conntrack': undefined })).toMatchObject({
      verdict: { code: 'OK' },
      ports: { inUse: null },
    });
  });

  it('are all there where the address is not shared', () => {
    const rulesFile = (WORKING['tmp/map-wan6mape.rules'] ?? '')
      .replace(/PORTSETS=.*/, "PORTSETS=''")
      .replace(/IPV4ADDR=.*/, 'IPV4ADDR=192.0.2.1');
    const { ports, verdict } = ask({ 'tmp/map-wan6mape.rules': rulesFile }, { input: { mape: fullAddress } });
    expect(ports).toEqual({ set: [], count: 65536, kept: [], pool: null, inUse: null });
    expect(verdict.code).toBe('OK');
  });
});

describe.runIf(busybox)('forwards', () => {
  it('are those of the firewall, whoever made them, with whether the line delivers their port', () => {
    const firewall = `firewall.@zone[0]=zone
firewall.@zone[0].name='lan'
firewall.mape_fwd_nas=redirect
firewall.mape_fwd_nas.name='nas'
firewall.mape_fwd_nas.target='DNAT'
firewall.mape_fwd_nas.src='wan'
firewall.mape_fwd_nas.proto='tcp'
firewall.mape_fwd_nas.src_dport='6016'
firewall.mape_fwd_nas.dest_ip='192.168.1.10'
firewall.mape_fwd_nas.dest_port='443'
firewall.@redirect[1]=redirect
firewall.@redirect[1].name='it'\\''s mine'
firewall.@redirect[1].proto='tcp' 'udp'
firewall.@redirect[1].src_dport='6030-6032'
firewall.@redirect[1].dest_ip='192.168.1.11'
firewall.@redirect[2]=redirect
firewall.@redirect[2].name='off'
firewall.@redirect[2].src_dport='6018'
firewall.@redirect[2].enabled='0'
firewall.@redirect[3]=redirect
firewall.@redirect[3].target='SNAT'
firewall.@redirect[3].src_dport='6019'
firewall.mape_br=rule
firewall.mape_br.name='mape-br'
firewall.mape_br.src_dport='1'
`;
    const files = { 'uci/firewall': firewall };
    expect(ask(files).forwards).toEqual([
      { name: 'nas', proto: ['tcp'], port: '6016', host: '192.168.1.10', hostPort: '443', inSet: true },
      {
        name: "it's mine",
        proto: ['tcp', 'udp'],
        port: '6030-6032',
        host: '192.168.1.11',
        hostPort: '6030-6032',
        inSet: false,
      },
    ]);
    const text = runStatus(files, []).stdout;
    expect(text).toContain('Forwards        tcp 6016 -> 192.168.1.10:443 nas\n');
    expect(text).toContain("tcp+udp 6030-6032 -> 192.168.1.11:6030-6032 it's mine");
    for (const line of text.split('\n')) expect(textWidth(line), line).toBeLessThanOrEqual(80);
  });
});

describe.runIf(busybox)('states told from close ones', () => {
  const off = netifd({ autostart: false, pending: false });
  const silent = { ...WAITING, ...failure('NO_PREFIX', ''), 'ubus/wan6': netifd({ device: 'eth0.2' }) };
  const quiet = { 'sys/class/net/map-wan6mape/statistics/rx_packets': '0\n' };

  it.each<[string, Files, string]>([
    ['ifdown of the tunnel', { ...WAITING, 'ubus/wan6mape': off }, 'INTERFACE_DISABLED'],
    ['ifdown of the WAN side', { ...WAITING, 'ubus/wan6': off }, 'INTERFACE_DISABLED'],
    ['no WAN side', { ...WAITING, 'ubus/wan6': undefined }, 'INTERFACE_MISSING'],
    [
      'netifd not running',
      { ...WAITING, 'ubus/wan6': undefined, 'ubus/wan6mape': undefined },
      'INTERFACE_MISSING',
    ],
    [
      'a device of its own without carrier',
      { ...silent, 'etc/board.json': '{}', 'sys/class/net/eth0.2/carrier': '0\n' },
      'NO_CABLE',
    ],
    ['a switch that says nothing', { ...silent, swconfig: '' }, 'NO_IPV6'],
    [
      'a link of a WAN side that stands elsewhere',
      { ...silent, 'ubus/wan6': netifd({ device: 'br-wan' }), swconfig: 'link:down' },
      'NO_IPV6',
    ],
    ['two minutes after the start', { ...silent, 'proc/uptime': '120.00 1.00\n' }, 'NO_IPV6'],
    ['a private prefix', { ...silent, 'ubus/wan6': wan6('fd00::1', 'fd00::') }, 'NO_IPV6'],
    ['a prefix that came after the last try', { ...WAITING, ...failure('NO_PREFIX', '') }, 'BOOTING'],
    ['an address of the closed network alone', { ...silent, 'ubus/wan6': wan6('2408:1::1', '') }, 'NGN_ONLY'],
    ['a tunnel a few seconds old', { ...quiet, 'ubus/wan6mape': netifd({ up: true, uptime: 3 }) }, 'IDLE'],
    ['a part of the prefix that works', { ...partOf(WORKING['tmp/map-wan6mape.rules'] ?? '') }, 'OK'],
  ])('%s', (_, files, code) => {
    expect(ask(files).verdict.code).toBe(code);
  });

  function partOf(text: string): Files {
    return {
      'tmp/map-wan6mape.rules': text.replace(/IPV6ADDR=.*/, 'IPV6ADDR=240b:12:3456:7810:e:834:5600:7800'),
      'proc/net/if_inet6': '240b001234567810000e083456007800 05 80 00 80   eth0.2\n',
    };
  }

  it('takes a prefix that no service is known for as one of another rule, also for a rule of the user', () => {
    const mismatch = failure('NO_MATCHING_PD', '');
    const unknown = { ...WAITING, ...mismatch, 'ubus/wan6': wan6('', '2001:db8:1:2::') };
    expect(ask(unknown).verdict.code).toBe('NO_MATCHING_PD');
    const ocn = { ...WAITING, ...mismatch, 'ubus/wan6': wan6('', '2400:4151:8000:1234::') };
    expect(ask(ocn, { input: { mape: fullAddress } }).verdict.code).toBe('NO_MATCHING_PD');
  });
});

describe.runIf(busybox)('the address of the tunnel', () => {
  it.each([
    ['on the link', '00', true],
    ['deprecated, which sends', '20', true],
    ['tentative', '40', false],
    ['a duplicate', '08', false],
    ['a duplicate, permanent', 'c8', false],
  ])('%s', (_, flags, wanted) => {
    const line = `240b001234567800000e083456007800 05 80 00 ${flags}   eth0.2\n`;
    expect(ask({ 'proc/net/if_inet6': line }).ceOnLink).toBe(wanted);
  });
});

describe.runIf(busybox)('after a real first boot', () => {
  let router: Router | undefined;
  afterEach(() => router?.remove());

  it('reads what uci lists of the settings written', () => {
    router = makeRouter('v24.10.8', {
      ubus: `cat "$IPKG_INSTROOT/ubus/\${2#network.interface.}" 2>/dev/null`,
      nft: 'exit 1',
      swconfig: 'exit 1',
    });
    const forward = {
      name: 'nas',
      proto: 'tcp',
      port: [6016, 6016],
      host: '192.168.1.10',
      hostPort: [443, 443],
    } as const;
    router.flash({ config: { ...plainConfig, forwards: [forward] } });
    expect(router.boot()).toBe(0);
    router.write('ubus/wan6mape', netifd({ errors: [] }));
    router.write('ubus/wan6', wan6('', '2408:1:2:3::'));
    const run = router.run('set -- --json; . "$IPKG_INSTROOT/usr/sbin/mape-status"');
    expect(run.stderr).toBe('');
    const answer = answerSchema.parse(JSON.parse(run.stdout));
    expect(answer.verdict.code).toBe('NGN_ONLY');
    expect(answer.line).toMatchObject({ interface: 'wan6', device: 'eth0.2', prefix: '2408:1:2:3::/64' });
    expect(answer.forwards).toEqual([
      { name: 'nas', proto: ['tcp'], port: '6016', host: '192.168.1.10', hostPort: '443', inSet: true },
    ]);
  });
});

describe.runIf(busybox)('the table in a kernel', () => {
  const namespace = namespaceCommand();

  it.runIf(namespace !== undefined)('is found there by its real name, with its counters', () => {
    const root = makeTempFolder();
    try {
      writeTree(root, renderOverlay(overlayInput()));
      const script = `. "$IPKG_INSTROOT/usr/lib/mape-image/status-nat.sh"
        status_nft; echo "before: $nat_loaded $leaks"
        nft -f "$IPKG_INSTROOT/usr/share/nftables.d/ruleset-post/50-mape-image.nft"; nft add table inet fw4
        status_nft; echo "after: $nat_loaded $firewall_running $leaks"`;
      const [file = '', ...args] = namespace ?? [];
      const run = spawnSync(file, [...args, 'busybox', 'ash', '-c', script], {
        encoding: 'utf8',
        env: { PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin`, IPKG_INSTROOT: root },
      });
      expect(run.stdout).toBe('before:  \nafter: 1 1 device=0 source=0 port=0 echo=0 protocol=0\n');
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  });
});
