import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { readFixture } from '../support/fixtures.ts';
import { makeRouter, type Router } from './router.ts';
import { PLANS } from './stand-in/plans.ts';
import { hasTool, plainConfig } from './support.ts';

const busybox = hasTool('busybox');

let router: Router;
afterEach(() => router.remove());

// What a shell would do something with, each in the way UCI takes it.
const HOSTILE = [
  '$(touch "$IPKG_INSTROOT/owned")',
  '`touch owned`',
  'a;touch owned',
  'a b',
  "a'b",
  'a"b',
  '*',
  '-q',
  '../../x',
  '%s%n',
  'a\nset firewall.owned=rule',
  '\u001b]0;owned\u0007',
] as const;
const uciText = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

function expectUnharmed(): void {
  const found = readdirSync(router.root, { recursive: true, encoding: 'utf8' });
  expect(found.filter((name) => name.endsWith('owned'))).toEqual([]);
  expect(existsSync(join(router.root, 'etc/uci-defaults/owned'))).toBe(false);
  expect(router.run('uci -q get firewall.owned').stdout).toBe('');
  // one entry a line: nothing in a configuration writes lines of its own, or moves a cursor
  for (const line of router.read('etc/mape-image/first-boot.log').trimEnd().split('\n')) {
    expect(line).toMatch(
      /^(?:plan |MAP-E settings |written: |failed: |not done|given up|Wi-Fi: |no MAC |interface )/,
    );
    expect(line).not.toMatch(/[\u0000-\u001f]/);
  }
}

describe.runIf(busybox)('text in a configuration that is there already', () => {
  it.each(HOSTILE)('as the device of wan6: %j', (text) => {
    router = makeRouter();
    router.flash({ config: plainConfig });
    const network = router.read('etc/config/network');
    router.write(
      'etc/config/network',
      network.replace(
        /(config interface 'wan6'\n\toption device )'eth0.2'/,
        `$1${uciText(text).replaceAll('$', '$$$$')}`,
      ),
    );
    const before = router.snapshot().get('config/network');
    const code = router.boot();
    expectUnharmed();
    const harmless = /^[A-Za-z0-9._-]+$/.test(text);
    expect(code).toBe(harmless ? 0 : 1);
    if (!harmless) expect(router.read('etc/config/network')).toBe(before);
  });

  it.each(HOSTILE)('as the device in board.json: %j', (text) => {
    router = makeRouter();
    router.flash({ config: plainConfig });
    for (const section of ['wan', 'wan6']) router.uci(`delete network.${section}`);
    router.uci('commit');
    router.write('bin-answer', text);
    router.write('stand-in-bin/jsonfilter', '#!/bin/sh\ncat "$IPKG_INSTROOT/bin-answer"\n', 0o755);
    router.boot();
    expectUnharmed();
  });

  it.each(HOSTILE)('as a name and a network of a zone beside that of the line: %j', (text) => {
    router = makeRouter();
    router.flash({ config: plainConfig });
    router.write(
      'etc/config/firewall',
      `config zone\n\toption name ${uciText(text)}\n\tlist network ${uciText(text)}\n\tlist network 'wan6'\n${router.read('etc/config/firewall')}`,
    );
    expect(router.boot()).toBe(0);
    expectUnharmed();
    expect(router.uci('get firewall.mape_br.src')).toBe('wan');
  });

  it.each(HOSTILE)('as a network in the zone of the line, which is joined all the same: %j', (text) => {
    router = makeRouter();
    router.flash({ config: plainConfig });
    router.write(
      'etc/config/firewall',
      readFixture('overlay/config/firewall').replace(
        "\tlist network 'wan6'\n",
        (found) => `${found}\tlist network ${uciText(text)}\n`,
      ),
    );
    expect(router.boot()).toBe(0);
    expectUnharmed();
    const networks = router.uci('get firewall.@zone[1].network').split(' ');
    expect(networks).toEqual(expect.arrayContaining(['wan', 'wan6', 'wan6mape']));
    // words of names, or nothing; never what a pattern finds among files
    for (const name of networks) expect(name).toMatch(/^(?:wan|wan6|wan6mape|a|b|set|touch|owned)$/);
  });

  it.each(HOSTILE)('as an option of a radio and of its network: %j', (text) => {
    router = makeRouter();
    router.flash(PLANS.ra);
    router.write(
      'etc/config/wireless',
      router
        .read('etc/config/wireless')
        .replace("option band '5g'", () => `option band ${uciText(text)}`)
        .replace("option ssid 'OpenWrt'", () => `option ssid ${uciText(text)}`),
    );
    expect(router.boot()).toBe(0);
    expectUnharmed();
    expect(router.uci('get wireless.mape_0_radio1.ssid')).toBe("Ko'taro 家");
    expect(router.has('etc/mape-image/wifi-wait')).toBe(true);
  });

  it.each(HOSTILE)('as a type of MAC address: %j', (text) => {
    router = makeRouter();
    router.flash({ config: plainConfig });
    router.write('sys/class/net/eth0/address', `${text}\n`);
    expect(router.boot()).toBe(0);
    expectUnharmed();
    expect(router.section('network', 'wan6').clientid).toBeUndefined();
  });
});

describe.runIf(busybox)('a wireless configuration', () => {
  it.each([
    ['missing, and nothing writes one', undefined],
    ['empty', ''],
    ['broken', 'config wifi-device\n\toption\nfoo\n'],
    ['of unnamed radios', "config wifi-device\n\toption type 'mac80211'\n\toption band '2g'\n"],
    ['of radios without a band', "config wifi-device 'radio0'\n\toption type 'other'\n"],
    ['of networks without radios', "config wifi-iface 'default_radio0'\n\toption device 'radio0'\n"],
  ])('%s: the line and the other parts are set up, and the log says what is waited for', (_, text) => {
    router = makeRouter();
    router.flash(PLANS.ra);
    if (text === undefined) router.run('rm "$IPKG_INSTROOT/etc/config/wireless"');
    else router.write('etc/config/wireless', text);
    expect(router.boot()).toBe(0);
    expect(router.section('network', 'wan6mape').proto).toBe('map');
    expect(router.config('system')[0]?.options.hostname).toBe('gate');
    expect(router.read('etc/mape-image/first-boot.log')).toContain('Wi-Fi: a radio is still to come');
    if (text !== undefined) expect(router.read('etc/config/wireless')).toBe(text);
  });

  it('in the words of 21.02 (hwmode) is understood', () => {
    router = makeRouter();
    router.flash(PLANS.ra);
    router.write(
      'etc/config/wireless',
      router
        .read('etc/config/wireless')
        .replace("option band '5g'", "option hwmode '11a'")
        .replace("option band '2g'", "option hwmode '11g'"),
    );
    expect(router.boot()).toBe(0);
    const names = router.config('wireless').map(({ name }) => name);
    expect(names.filter((name) => name.startsWith('mape_'))).toEqual([
      'mape_0_radio0',
      'mape_1_radio0',
      'mape_0_radio1',
    ]);
  });
});

describe.runIf(busybox)('configurations that lack what the line needs', () => {
  it.each([
    ['no firewall', 'firewall', ''],
    ['no zone of the line', 'firewall', "config zone\n\toption name 'lan'\n\tlist network 'lan'\n"],
    ['a broken network', 'network', 'foo\n'],
    ['a broken firewall', 'firewall', 'config\n'],
  ])('%s: nothing is changed, the reason stands in the log, and it is tried again', (_, config, text) => {
    router = makeRouter();
    router.flash({ config: plainConfig });
    router.write(`etc/config/${config}`, text);
    const before = router.snapshot();
    expect(router.boot()).toBe(1);
    for (const name of ['network', 'dhcp', 'firewall'])
      expect(router.snapshot().get(`config/${name}`)).toBe(before.get(`config/${name}`));
    expect(router.read('etc/mape-image/first-boot.log')).toContain('MAP-E settings not written');
    router.write(
      `etc/config/${config}`,
      config === 'network'
        ? readFixture('overlay/network/network-v24.10.8.uci')
        : readFixture('overlay/config/firewall'),
    );
    expect(router.boot()).toBe(0);
  });
});
