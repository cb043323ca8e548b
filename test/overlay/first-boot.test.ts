import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { ResolvedConfig } from '../../src/config/config.ts';
import { makeRouter, RELEASES, type Router } from './router.ts';
import { BOTH, PD } from './stand-in/plans.ts';
import { hasTool, mapeOf, PLAN_A, plainConfig, SYNTHETIC } from './support.ts';

const busybox = hasTool('busybox');
// RFC 8415 §11.4: type 3, hardware type 1, the MAC
const DUID = '0003000102005e10abcd';

let router: Router;
afterEach(() => router.remove());

describe.runIf(busybox)('first boot on the network configuration of each release', () => {
  it.each(RELEASES)('%s: an RA line', (release) => {
    router = makeRouter(release);
    router.flash();
    expect(router.boot()).toBe(0);
    expect(router.section('network', 'wan6mape')).toEqual({
      proto: 'map',
      maptype: 'map-e',
      peeraddr: '2404:9200:225:100::64',
      ipaddr: '14.8.0.0',
      ip4prefixlen: '15',
      ip6prefix: '240b:12::',
      ip6prefixlen: '31',
      ealen: '25',
      psidlen: '8',
      offset: '4',
      tunlink: 'wan6',
      legacymap: '1',
      encaplimit: 'ignore',
      mtu: '1460',
    });
    expect(router.section('network', 'wan6')).toEqual({
      device: 'eth0.2',
      proto: 'dhcpv6',
      clientid: DUID,
      extendprefix: '1',
    });
    expect(router.section('network', 'wan').disabled).toBe('1');
    expect(router.section('dhcp', 'lan')).toMatchObject({
      ra: 'relay',
      dhcpv6: 'relay',
      ndp: 'relay',
      start: '100',
    });
    expect(router.section('dhcp', 'wan6')).toEqual({
      interface: 'wan6',
      ignore: '1',
      master: '1',
      ra: 'relay',
      dhcpv6: 'relay',
      ndp: 'relay',
    });
    const zones = router.config('firewall').filter(({ type }) => type === 'zone');
    expect(zones.map(({ options }) => options.network)).toEqual([['lan'], ['wan', 'wan6', 'wan6mape']]);
    expect(router.section('firewall', 'mape_br')).toMatchObject({
      src: 'wan',
      family: 'ipv6',
      proto: '4',
      src_ip: '2404:9200:225:100::64',
      target: 'ACCEPT',
    });
    const knowsDuid = release === 'v25.12.5' || release === 'main';
    expect(router.section('network', 'globals').dhcp_default_duid).toBe(knowsDuid ? DUID : undefined);
    expect(router.read('etc/mape-image/applied')).toBe(`${PLAN_A}\n`);
    expect(router.has('etc/uci-defaults/99-mape')).toBe(false);
  });

  it.each(RELEASES)('%s: a PD line', (release) => {
    router = makeRouter(release);
    router.flash({ mape: mapeOf(SYNTHETIC.ocn), line: PD });
    expect(router.boot()).toBe(0);
    expect(router.section('network', 'wan6')).toEqual({
      device: 'eth0.2',
      proto: 'dhcpv6',
      clientid: DUID,
      reqprefix: 'auto',
    });
    expect(router.section('network', 'lan').ip6assign).toBe('60');
    expect(router.section('dhcp', 'lan')).toMatchObject({ ra: 'server', dhcpv6: 'server' });
    expect(router.section('dhcp', 'lan').ndp).toBeUndefined();
    expect(router.section('dhcp', 'wan6')).toEqual({ interface: 'wan6', ignore: '1' });
    expect(router.section('network', 'wan6mape')).toMatchObject({
      peeraddr: '2001:380:a120::9',
      psidlen: '6',
      offset: '6',
    });
  });

  it.each([
    ['22.03', 'v22.03.7', { ipaddr: '192.168.10.1', netmask: '255.255.255.0' }],
    ['25.12', 'v25.12.5', { ipaddr: ['192.168.10.1/24'] }],
  ] as const)('%s: the LAN address in the form of that release', (series, release, expected) => {
    router = makeRouter(release);
    router.flash({ series, config: { ...plainConfig, lan: { address: '192.168.10.1/24' } } });
    expect(router.boot()).toBe(0);
    const { ipaddr, netmask } = router.section('network', 'lan');
    expect({ ipaddr, ...(netmask === undefined ? {} : { netmask }) }).toEqual(expected);
  });

  it('serves both kinds of line where the kind is unknown', () => {
    router = makeRouter();
    router.flash({ line: BOTH });
    router.boot();
    expect(router.section('network', 'wan6')).toMatchObject({ extendprefix: '1', reqprefix: 'auto' });
    expect(router.section('dhcp', 'lan')).toMatchObject({ ra: 'server', dhcpv6: 'server', ndp: 'relay' });
    expect(router.section('dhcp', 'wan6')).toEqual({
      interface: 'wan6',
      ignore: '1',
      master: '1',
      ndp: 'relay',
    });
  });
});

describe.runIf(busybox)('the WAN side', () => {
  it('takes the device from board.json where wan6 is missing or stands on the interface that is switched off', () => {
    router = makeRouter();
    router.flash();
    router.uci("set network.wan6.device='@wan'");
    router.uci('commit network');
    router.boot();
    expect(router.section('network', 'wan6').device).toBe('eth0.2');
  });

  it('makes wan6 where there is none', () => {
    router = makeRouter();
    router.flash();
    router.uci('delete network.wan6');
    router.uci('commit network');
    expect(router.boot()).toBe(0);
    expect(router.section('network', 'wan6')).toMatchObject({
      device: 'eth0.2',
      proto: 'dhcpv6',
      clientid: DUID,
    });
  });

  it('keeps a device somebody chose', () => {
    router = makeRouter();
    router.flash();
    router.uci("set network.wan6.device='br-wan'");
    router.uci('commit network');
    router.boot();
    expect(router.section('network', 'wan6').device).toBe('br-wan');
  });

  it.each([
    [
      'of the device itself, before that of its base',
      { 'sys/class/net/eth0.2/address': '02:00:5e:00:00:02' },
      '0003000102005e000002',
    ],
    [
      'of board.json, before both',
      { 'etc/board.json': '{"network":{"wan":{"device":"eth0.2","macaddr":"02:00:5E:00:00:03"}}}' },
      '0003000102005e000003',
    ],
    ['not of all zeros', { 'sys/class/net/eth0.2/address': '00:00:00:00:00:00' }, DUID],
    ['not of something that is no MAC', { 'sys/class/net/eth0.2/address': "02:00:5e:'$(x)" }, DUID],
  ])('makes the DUID from the MAC %s', (_, files, expected) => {
    router = makeRouter();
    router.flash();
    for (const [path, text] of Object.entries(files)) router.write(path, `${text}\n`);
    router.boot();
    expect(router.section('network', 'wan6').clientid).toBe(expected);
  });

  it('goes on without a DUID where no MAC is known', () => {
    router = makeRouter();
    router.flash();
    router.write('sys/class/net/eth0/address', '\n');
    expect(router.boot()).toBe(0);
    expect(router.section('network', 'wan6').clientid).toBeUndefined();
    expect(router.read('etc/mape-image/first-boot.log')).toContain('eth0.2');
  });

  it('leaves DHCPv4 on where the plan asks for it', () => {
    router = makeRouter();
    router.flash({ config: { ...plainConfig, wan: { dhcpv4: true } } });
    router.uci("set network.wan.disabled='1'");
    router.uci('commit network');
    router.boot();
    expect(router.section('network', 'wan').disabled).toBeUndefined();
  });

  it('changes nothing and says why where there is no WAN device at all', () => {
    router = makeRouter();
    router.flash();
    for (const section of ['wan', 'wan6']) router.uci(`delete network.${section}`);
    router.uci('commit network');
    router.write('etc/board.json', '{}');
    const before = router.read('etc/config/network');
    expect(router.boot()).toBe(1);
    expect(router.read('etc/config/network')).toBe(before);
    expect(router.has('etc/uci-defaults/99-mape')).toBe(true);
    expect(router.read('etc/mape-image/first-boot.log')).toContain('no usable WAN device');
  });

  it('joins the zone that holds wan6 where none is named wan, and its rules name that zone', () => {
    router = makeRouter();
    router.flash();
    router.uci("set firewall.@zone[1].name='internet'");
    router.uci('commit firewall');
    expect(router.boot()).toBe(0);
    expect(router.section('firewall', 'mape_br').src).toBe('internet');
  });

  it('turns a zone list written as one option into a list', () => {
    router = makeRouter();
    router.flash();
    router.uci("set firewall.@zone[1].network='wan wan6'");
    router.uci('commit firewall');
    router.boot();
    const zone = router.config('firewall').filter(({ type }) => type === 'zone')[1];
    expect(zone?.options.network).toEqual(['wan', 'wan6', 'wan6mape']);
  });
});

const settings: ResolvedConfig = {
  ...plainConfig,
  hostname: 'gate',
  ntp: ['ntp.nict.jp'],
  ssh: { authorizedKeys: ['ssh-ed25519 AAAA me'], passwordLogin: undefined },
  rootPasswordHash: '$6$salt$hash',
  wifi: {
    country: 'JP',
    networks: [
      { ssid: "Ko'taro 家", key: 'correct horse', encryption: 'sae-mixed', band: 'all', hidden: false },
      { ssid: 'fast', encryption: 'none', band: '5g', hidden: true },
    ],
  },
  forwards: [{ name: 'nas', proto: 'tcp', port: [6016, 6016], host: '192.168.1.10', hostPort: [443, 443] }],
  ipv6: {
    allow: [
      {
        name: 'web',
        proto: 'tcp',
        ports: [
          [443, 443],
          [8000, 8010],
        ],
        host: '::1:2:3:4',
      },
    ],
  },
  uci: [
    { config: 'my-app', section: 'main', value: 'service' },
    { config: 'my-app', section: 'main', option: 'peers', value: ['a b', "c'd"] },
  ],
};

describe.runIf(busybox)('what a router is beside its line', () => {
  it('is written as planned', () => {
    router = makeRouter();
    router.flash({ config: settings });
    expect(router.boot()).toBe(0);
    const system = router.config('system').find(({ type }) => type === 'system');
    expect(system?.options).toMatchObject({ hostname: 'gate', zonename: 'Asia/Tokyo', timezone: 'JST-9' });
    expect(router.section('system', 'ntp').server).toEqual(['ntp.nict.jp']);
    expect(router.config('dropbear')[0]?.options).toMatchObject({
      PasswordAuth: 'off',
      RootPasswordAuth: 'off',
    });
    expect(router.read('etc/shadow')).toBe(
      'root:$6$salt$hash::0:99999:7:::\ndaemon:*:0:0:99999:7:::\nnobody:*:0:0:99999:7:::\n',
    );
    expect(statSync(join(router.root, 'etc/shadow')).mode & 0o777).toBe(0o600);
    expect(router.section('my-app', 'main').peers).toEqual(['a b', "c'd"]);
    expect(router.section('firewall', 'mape_fwd_nas')).toMatchObject({
      src: 'wan',
      src_dport: '6016',
      dest: 'lan',
      dest_ip: '192.168.1.10',
      dest_port: '443',
      target: 'DNAT',
      reflection: '1',
    });
    expect(router.section('firewall', 'mape_v6_web')).toMatchObject({
      dest_ip: '::1:2:3:4/-64',
      dest_port: '443 8000-8010',
      family: 'ipv6',
    });
  });

  it('puts networks on the radios of their bands and keeps the open default network off the air', () => {
    router = makeRouter();
    router.flash({ config: settings });
    router.boot();
    const names = router.config('wireless').map(({ name }) => name);
    expect(names.filter((name) => name.startsWith('mape_'))).toEqual([
      'mape_0_radio0',
      'mape_1_radio0',
      'mape_0_radio1',
    ]);
    expect(router.section('wireless', 'mape_0_radio1')).toEqual({
      device: 'radio1',
      network: 'lan',
      mode: 'ap',
      ssid: "Ko'taro 家",
      encryption: 'sae-mixed',
      key: 'correct horse',
      hidden: '0',
      disabled: '0',
    });
    expect(router.section('wireless', 'mape_1_radio0').key).toBeUndefined();
    for (const radio of ['radio0', 'radio1']) {
      expect(router.section('wireless', radio)).toMatchObject({ country: 'JP', disabled: '0' });
      expect(router.section('wireless', `default_${radio}`).disabled).toBe('1');
    }
  });

  it('lets the router write its wireless configuration first where there is none', () => {
    router = makeRouter();
    router.flash({ config: settings });
    router.write('wireless-later', router.read('etc/config/wireless'));
    router.write('etc/config/wireless', '');
    expect(router.boot()).toBe(0);
    expect(router.section('wireless', 'mape_0_radio0').ssid).toBe("Ko'taro 家");
  });

  it('waits for radios that are not there yet, and writes each once when it appears', () => {
    router = makeRouter();
    router.flash({ config: settings });
    const full = router.read('etc/config/wireless');
    router.write('etc/config/wireless', '');
    expect(router.boot()).toBe(0);
    expect(router.has('etc/mape-image/wifi-wait')).toBe(true);
    const hotplug = 'ACTION=add; . "$IPKG_INSTROOT/etc/hotplug.d/ieee80211/90-mape-image"';
    router.write('etc/config/wireless', full.slice(0, full.indexOf("config wifi-device 'radio1'")));
    router.run(hotplug);
    expect(router.section('wireless', 'mape_0_radio0').ssid).toBe("Ko'taro 家");
    expect(router.has('etc/mape-image/wifi-wait')).toBe(false);
    // the same boot: the second radio comes after the wait is over
    router.uci("set wireless.mape_0_radio0.ssid='mine'");
    router.uci('commit wireless');
    router.write(
      'etc/config/wireless',
      `${router.read('etc/config/wireless')}${full.slice(full.indexOf("config wifi-device 'radio1'"))}`,
    );
    router.run(hotplug);
    expect(router.section('wireless', 'mape_0_radio1').ssid).toBe("Ko'taro 家");
    expect(router.section('wireless', 'mape_0_radio0').ssid).toBe('mine');
  });

  it('gives up waiting for a band the device lacks', () => {
    router = makeRouter();
    const wifi = {
      country: 'JP',
      networks: [{ ssid: 'x', key: 'correct horse', encryption: 'sae', band: '6g', hidden: false }],
    } as const;
    router.flash({ config: { ...plainConfig, wifi } });
    expect(router.boot()).toBe(0);
    const hotplug = 'ACTION=add; . "$IPKG_INSTROOT/etc/hotplug.d/ieee80211/90-mape-image"';
    for (let event = 0; event < 10; event += 1) router.run(hotplug);
    expect(router.has('etc/mape-image/wifi-wait')).toBe(false);
    expect(router.read('etc/mape-image/first-boot.log')).toContain('given up waiting');
  });

  it.each([
    ['with an end to its last line', 'ssh-ed25519 BBBB other\n'],
    ['without', 'ssh-ed25519 BBBB other'],
  ])('adds keys of the image to those a backup brought back, %s', (_, kept) => {
    router = makeRouter();
    router.flash({ config: settings });
    router.write('etc/dropbear/authorized_keys', kept, 0o600);
    router.boot();
    expect(router.read('etc/dropbear/authorized_keys')).toBe('ssh-ed25519 BBBB other\nssh-ed25519 AAAA me\n');
    expect(statSync(join(router.root, 'etc/dropbear/authorized_keys')).mode & 0o777).toBe(0o600);
  });
});

describe.runIf(busybox)('failures', () => {
  it('changes nothing of the line where UCI refuses a part of it', () => {
    router = makeRouter();
    router.flash();
    router.write(
      'usr/share/mape-image/uci/line.uci',
      `${router.read('usr/share/mape-image/uci/line.uci')}set network.nothing.here='1'\n`,
    );
    const before = router.snapshot();
    expect(router.boot()).toBe(1);
    for (const config of ['network', 'dhcp', 'firewall'])
      expect(router.snapshot().get(`config/${config}`)).toBe(before.get(`config/${config}`));
    expect(router.has('etc/mape-image/applied')).toBe(false);
    expect(router.read('etc/mape-image/first-boot.log')).toContain('Invalid argument');
  });

  it('comes to the same end after any commit has failed', () => {
    const whole = makeRouter();
    whole.flash({ config: settings });
    whole.boot();
    const expected = whole.snapshot();
    whole.remove();
    router = makeRouter();
    router.flash({ config: settings });
    for (const config of ['network', 'dhcp', 'firewall', 'system']) {
      expect(router.boot({ UCI_FULL_FLASH: config }), config).toBe(1);
      expect(router.has('etc/mape-image/applied')).toBe(false);
      router.write('etc/mape-image/tries', '');
    }
    expect(router.boot()).toBe(0);
    for (const [path, text] of expected) expect(router.snapshot().get(path), path).toBe(text);
  });

  it('tries a part that fails at three boots, keeps MAP-E from the first, then gives up and says so', () => {
    router = makeRouter();
    router.flash({
      config: { ...settings, uci: [{ config: 'network', section: 'nothing', option: 'here', value: '1' }] },
    });
    for (const [code, applied] of [
      [1, false],
      [1, false],
      [0, true],
    ] as const) {
      expect(router.boot()).toBe(code);
      expect(router.section('network', 'wan6mape').proto).toBe('map');
      expect(router.section('wireless', 'mape_0_radio0').ssid).toBe("Ko'taro 家");
      expect(router.has('etc/mape-image/applied')).toBe(applied);
    }
    expect(router.read('etc/mape-image/first-boot.log')).toContain('given up after 3 tries: own.uci');
  });

  it('bounds its log', () => {
    router = makeRouter();
    router.flash();
    router.write('etc/mape-image/first-boot.log', 'x'.repeat(70).concat('\n').repeat(2000));
    router.boot();
    expect(router.read('etc/mape-image/first-boot.log').length).toBeLessThan(16384);
  });

  it('writes no secret into its log', () => {
    router = makeRouter();
    router.flash({ config: settings });
    router.boot();
    for (const secret of ['correct horse', '$6$salt'])
      expect(router.read('etc/mape-image/first-boot.log')).not.toContain(secret);
  });
});
