import { afterEach, describe, expect, it } from 'vitest';
import { makeRouter, RELEASES, type Router } from './router.ts';
import { everything, PD, PLANS, seriesOf } from './stand-in/plans.ts';
import { formatConfig, parseConfig } from './stand-in/uci-text.mjs';
import { hasTool, mapeOf, PLAN_A, PLAN_B, plainConfig, SYNTHETIC } from './support.ts';

const busybox = hasTool('busybox');

let router: Router;
afterEach(() => router.remove());

/** What a person changes afterwards: in sections of the plan, beside them, and in files. */
function editByHand(): void {
  for (const line of [
    "set network.wan6mape.mtu='1400'",
    "set network.lan.ipaddr='192.168.20.1'",
    "set network.vpn='interface'",
    "set network.vpn.proto='none'",
    "set dhcp.lan.limit='99'",
    "set dhcp.printer='host'",
    "set dhcp.printer.ip='192.168.20.9'",
    "set firewall.mine='rule'",
    "set firewall.@zone[0].forward='REJECT'",
    "set system.@system[0].hostname='mine'",
    "set wireless.mape_0_radio0.ssid='mine'",
    'delete wireless.mape_1_radio0',
    "add_list my-app.main.peers='third'",
    "set dropbear.@dropbear[0].Port='2222'",
  ])
    router.uci(line);
  router.uci('commit');
  router.write('etc/shadow', 'root:$6$mine$hash:1:0:99999:7:::\n', 0o600);
  router.write('etc/dropbear/authorized_keys', 'ssh-ed25519 CCCC mine\n', 0o600);
}

/** Files that differ, and for a configuration its sections, as `config/network wan6`. */
function changedPlaces(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  const names = [...new Set([...before.keys(), ...after.keys()])].filter(
    (name) => before.get(name) !== after.get(name),
  );
  return names.flatMap((name) => {
    if (!name.startsWith('config/')) return [name];
    const [old, now] = [before, after].map((files) => sectionTexts(files.get(name) ?? ''));
    const sections = [...new Set([...(old?.keys() ?? []), ...(now?.keys() ?? [])])];
    return sections.filter((key) => old?.get(key) !== now?.get(key)).map((key) => `${name} ${key}`);
  });
}

function sectionTexts(text: string): Map<string, string> {
  return new Map(
    parseConfig(text).map((section) => [
      section.anonymous ? `${section.type} ${section.name}` : section.name,
      formatConfig([section]),
    ]),
  );
}

describe.runIf(busybox)('run again', () => {
  it.each(
    (['v22.03.7', 'v24.10.8', 'v25.12.5'] as const).flatMap((release) =>
      (['ra', 'pd', 'both'] as const).map((plan) => [release, plan] as const),
    ),
  )('%s, %s: changes no byte, whether it knows what it did or not', (release, plan) => {
    router = makeRouter(release);
    const input = { ...PLANS[plan], series: seriesOf(release) };
    router.flash(input);
    router.boot();
    const before = router.snapshot();
    router.flash(input);
    router.write('etc/mape-image/applied', '');
    expect(router.boot()).toBe(0);
    expect(changedPlaces(before, router.snapshot())).toEqual([]);
    // nothing is remembered: each part is written again
    router.run('rm -rf "$IPKG_INSTROOT/etc/mape-image"');
    router.flash(input);
    expect(router.boot()).toBe(0);
    expect(changedPlaces(before, router.snapshot())).toEqual([]);
  });

  it('touches nothing under the plan that is applied already', () => {
    router = makeRouter();
    router.flash(PLANS.ra);
    router.boot();
    editByHand();
    const before = router.snapshot();
    router.flash(PLANS.ra);
    // a flash takes files of the image only
    router.write('etc/dropbear/authorized_keys', 'ssh-ed25519 CCCC mine\n', 0o600);
    expect(router.boot()).toBe(0);
    const after = router.snapshot();
    expect([...after.keys()]).toEqual([...before.keys()].filter((name) => name !== 'uci-defaults/99-mape'));
    for (const [name, text] of after) expect(text, name).toBe(before.get(name));
  });
});

describe.runIf(busybox)('a sysupgrade that keeps settings', () => {
  it('with the same plan leaves every byte', () => {
    router = makeRouter();
    router.flash(PLANS.ra);
    router.boot();
    editByHand();
    const before = router.snapshot();
    router.upgrade(PLANS.ra);
    expect(router.has('etc/uci-defaults/99-mape')).toBe(true);
    expect(router.boot()).toBe(0);
    const after = router.snapshot();
    expect(changedPlaces(before, after)).toEqual([]);
  });

  it('to another release with a plan that asks for the same writes the line alone', () => {
    router = makeRouter('v22.03.7');
    router.flash({ ...PLANS.ra, series: '22.03' });
    router.boot();
    editByHand();
    const before = router.snapshot();
    router.upgrade({ ...PLANS.ra, series: '24.10', planId: PLAN_B }, 'v24.10.8');
    expect(router.boot()).toBe(0);
    expect(changedPlaces(before, router.snapshot())).toEqual([
      'config/network wan6mape',
      'dropbear/authorized_keys',
      'mape-image/applied',
    ]);
  });

  it('with a new plan changes the line and the parts that differ, and nothing beside', () => {
    router = makeRouter();
    router.flash(PLANS.ra);
    router.boot();
    editByHand();
    const before = router.snapshot();
    const config = {
      ...everything(6016),
      forwards: [],
      hostname: 'renamed',
      uci: [{ config: 'my-app', section: 'main', option: 'new', value: '1' }],
    };
    router.upgrade({ mape: mapeOf(SYNTHETIC.ocn), line: PD, config, planId: PLAN_B });
    expect(router.boot()).toBe(0);
    expect(changedPlaces(before, router.snapshot())).toEqual([
      'config/dhcp lan',
      'config/dhcp wan6',
      'config/firewall mape_br',
      'config/firewall mape_fwd_nas',
      'config/my-app main',
      'config/network wan6',
      'config/network wan6mape',
      'config/system system cfg01',
      'dropbear/authorized_keys',
      'mape-image/applied',
      'mape-image/last/10-system.uci',
      'mape-image/last/own.uci',
    ]);
    expect(router.section('network', 'wan6mape')).toMatchObject({
      mtu: '1460',
      peeraddr: '2001:380:a120::9',
    });
    expect(router.section('network', 'lan').ipaddr).toBe('192.168.20.1');
    expect(router.section('dhcp', 'lan')).toMatchObject({ limit: '99', ra: 'server' });
    expect(router.section('my-app', 'main').peers).toEqual(['a b', "c'd", 'third']);
    expect(router.section('wireless', 'mape_0_radio0').ssid).toBe('mine');
    expect(router.read('etc/shadow')).toContain('$6$mine$hash');
    expect(router.read('etc/dropbear/authorized_keys')).toBe('ssh-ed25519 CCCC mine\nssh-ed25519 AAAA me\n');
    expect(router.read('etc/mape-image/first-boot.log')).toContain(
      `plan ${PLAN_B}, try 1, before: ${PLAN_A}`,
    );
  });

  it('with a new plan takes away networks that it no longer has', () => {
    router = makeRouter();
    router.flash(PLANS.ra);
    router.boot();
    const wifi = {
      country: 'JP',
      networks: [{ ssid: 'one', key: 'correct horse', encryption: 'psk2', band: '2g', hidden: false }],
    } as const;
    router.upgrade({ ...PLANS.ra, config: { ...PLANS.ra.config, wifi }, planId: PLAN_B });
    router.boot();
    const names = router.config('wireless').map(({ name }) => name);
    expect(names.filter((name) => name.startsWith('mape_'))).toEqual(['mape_0_radio1']);
  });

  it('takes the key from a network that a new plan leaves open', () => {
    router = makeRouter();
    router.flash(PLANS.ra);
    router.boot();
    const wifi = {
      country: 'JP',
      networks: [{ ssid: 'one', encryption: 'owe', band: 'all', hidden: false }],
    } as const;
    router.upgrade({ ...PLANS.ra, config: { ...PLANS.ra.config, wifi }, planId: PLAN_B });
    router.boot();
    for (const radio of ['radio0', 'radio1'])
      expect(router.section('wireless', `mape_0_${radio}`)).toMatchObject({ ssid: 'one', encryption: 'owe' });
    expect(router.section('wireless', 'mape_0_radio0').key).toBeUndefined();
  });

  it.each([
    ['v21.02.7', 'v24.10.8'],
    ['v24.10.8', 'v25.12.5'],
    ['v25.12.5', 'v24.10.8'],
  ] as const)('from OpenWrt %s without us to %s sets up the line and keeps the rest', (from, to) => {
    router = makeRouter(from);
    router.uci("set network.guest='interface'");
    router.uci("set dhcp.printer='host'");
    router.uci("set system.@system[0].hostname='old'");
    router.uci('commit');
    const before = router.snapshot();
    router.upgrade({ ...PLANS.pd, config: plainConfig, series: seriesOf(to) }, to);
    expect(router.boot()).toBe(0);
    expect(router.section('network', 'wan6mape').proto).toBe('map');
    const changed = changedPlaces(before, router.snapshot()).filter((place) => place.startsWith('config/'));
    expect(changed).toEqual([
      'config/dhcp wan6',
      'config/firewall zone cfg03',
      'config/firewall mape_br',
      ...(from === 'v25.12.5' ? ['config/network globals'] : []),
      'config/network wan',
      'config/network wan6',
      'config/network wan6mape',
      'config/system system cfg01',
    ]);
    expect(router.config('system')[0]?.options.hostname).toBe('old');
  });

  it('gives the LAN address the form of the new release, whatever the old one wrote', () => {
    router = makeRouter('v25.12.5');
    router.upgrade({ ...PLANS.ra, series: '24.10' }, 'v24.10.8');
    expect(router.boot()).toBe(0);
    expect(router.section('network', 'lan')).toMatchObject({
      ipaddr: '192.168.10.1',
      netmask: '255.255.255.0',
    });
    router.upgrade({ ...PLANS.ra, series: '25.12', planId: PLAN_B }, 'v25.12.5');
    expect(router.boot()).toBe(0);
    expect(router.section('network', 'lan').ipaddr).toEqual(['192.168.10.1/24']);
    expect(router.section('network', 'lan').netmask).toBeUndefined();
  });
});

describe.runIf(busybox)("a sysupgrade to an image of OpenWrt's own", () => {
  /** Options of OpenWrt's handler, package/network/ipv6/map/files/map.sh (proto_map_init_config). */
  const KNOWN =
    'proto maptype type rule ipaddr ip4prefixlen ip6prefix ip6prefixlen peeraddr ealen psidlen psid offset mtu ttl tunlink zone encaplimit legacymap';
  const KEPT = /^(config\/.*|dropbear\/.*|shadow)$/;

  it.each(RELEASES)('%s: leaves it settings it knows, and none that names a file of ours', (release) => {
    router = makeRouter(release);
    router.flash({ ...PLANS.both, series: seriesOf(release) });
    expect(router.boot()).toBe(0);
    expect(router.read('lib/upgrade/keep.d/mape-image')).toBe('/etc/mape-image/\n');
    const options = Object.keys(router.section('network', 'wan6mape'));
    expect(options.filter((option) => !KNOWN.split(' ').includes(option))).toEqual([]);
    const kept = [...router.snapshot()].filter(([name]) => KEPT.test(name));
    expect(kept.length).toBeGreaterThan(5);
    expect(kept.filter(([, text]) => /mape-image|nftables\.d|\/usr\/(lib|share)/.test(text))).toEqual([]);
  });
});

describe.runIf(busybox)('a factory reset', () => {
  it.each(RELEASES)('%s: comes to what the first flash came to', (release) => {
    router = makeRouter(release);
    router.flash({ ...PLANS.both, series: seriesOf(release) });
    router.boot();
    const first = router.snapshot();
    editByHand();
    router.reset();
    expect(router.boot()).toBe(0);
    const after = router.snapshot();
    expect(changedPlaces(first, after)).toEqual([]);
  });
});
