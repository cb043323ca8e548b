import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Forward, OwnUci, ResolvedConfig } from '../../src/config/config.ts';
import type { PortRange } from '../../src/mape/parameters.ts';
import { checkOverlay } from '../../src/overlay/check.ts';
import { checkForwards } from '../../src/overlay/check-forwards.ts';
import { makeFileTree } from '../../src/overlay/file-tree.ts';
import { checkOwnFiles } from '../../src/overlay/guard.ts';
import { KNOWN_TIMEZONES, posixTimezone } from '../../src/overlay/timezone.ts';
import { renderWan6mapeUci } from '../../src/overlay/uci-lines.ts';
import { fullAddress, mapeOf, overlayInput, plainConfig, SYNTHETIC } from './support.ts';

const v6plus = mapeOf(SYNTHETIC.v6plus);

function forward(overrides: Partial<Forward>): Forward {
  return {
    name: 'web',
    proto: 'tcp',
    port: [6016, 6016],
    host: '192.168.1.10',
    hostPort: [443, 443],
    ...overrides,
  };
}

function codes(config: Partial<ResolvedConfig>, mape = v6plus): readonly string[] {
  return checkForwards(mape, { ...plainConfig, ...config }).map(
    ({ code, severity }) => `${severity} ${code}`,
  );
}

describe('checkForwards', () => {
  it.each([
    ['a port of the set', { forwards: [forward({})] }, []],
    [
      'a range inside one range of the set',
      { forwards: [forward({ port: [6016, 6031], hostPort: [6016, 6031] })] },
      [],
    ],
    ['a well-known port', { forwards: [forward({ port: [443, 443] })] }, ['error FORWARD_PORT_NOT_OURS']],
    [
      'a range that leaves the set',
      { forwards: [forward({ port: [6030, 6032], hostPort: [1, 3] })] },
      ['error FORWARD_PORT_NOT_OURS'],
    ],
    ['a reserved port outside the set', { reservedPorts: [[80, 80]] }, ['error RESERVED_PORT_NOT_OURS']],
    [
      'two forwards of one port',
      { forwards: [forward({}), forward({ name: 'b', proto: 'tcp+udp' })] },
      ['error FORWARD_OVERLAPS'],
    ],
    ['one port for TCP and for UDP', { forwards: [forward({}), forward({ name: 'b', proto: 'udp' })] }, []],
    [
      'sides of different length',
      { forwards: [forward({ port: [6016, 6017] })] },
      ['error FORWARD_COUNT_DIFFERS'],
    ],
    [
      'a host outside the LAN',
      { forwards: [forward({ host: '10.0.0.5' })] },
      ['warning FORWARD_HOST_OUTSIDE_LAN'],
    ],
    [
      'a host in a LAN of the user’s own',
      { forwards: [forward({ host: '10.0.0.5' })], lan: { address: '10.0.0.1/24' } },
      [],
    ],
    ['nearly all ports kept', { reservedPorts: v6plus.portRanges.slice(2) }, ['warning PORT_POOL_SMALL']],
    ['all ports kept', { reservedPorts: v6plus.portRanges }, ['error PORT_POOL_EMPTY']],
  ] as const satisfies readonly (readonly [string, Partial<ResolvedConfig>, readonly string[]])[])(
    '%s',
    (_, config, expected) => {
      expect(codes(config)).toEqual(expected);
    },
  );

  it('lists the ports that can be used', () => {
    const [finding] = checkForwards(v6plus, { ...plainConfig, forwards: [forward({ port: [443, 443] })] });
    expect(finding?.details).toMatchObject({ name: 'web', port: '443' });
    expect(finding?.details?.usable).toHaveLength(15);
    expect(finding?.details?.usable).toContain('6016-6031');
  });

  it('takes any port of a full address, but port 0', () => {
    const port: PortRange = [443, 443];
    expect(codes({ forwards: [forward({ port })], reservedPorts: [[22, 22]] }, fullAddress)).toEqual([]);
  });
});

describe('checkOwnFiles', () => {
  const ours = new Set(['/etc', '/etc/uci-defaults', '/etc/uci-defaults/99-mape', '/usr/share/mape-image']);
  const check = (...files: readonly (readonly [path: string, mode?: number])[]) =>
    checkOwnFiles(
      files.map(([path, mode = 0o644]) => ({ path, mode })),
      ours,
    ).map(({ code, severity }) => `${severity} ${code}`);

  it.each([
    '/etc/my.conf',
    '/etc/uci-defaults/50-mine',
    '/root/.profile',
    '/usr/bin/tool',
    '/www/a b.html',
    '/lib/firmware/x.bin',
    '/etc/config/my-app',
  ])('takes %s', (path) => {
    expect(check([path])).toEqual([]);
  });

  it.each([
    ['/', 'FILE_PATH_REFUSED'],
    ['/etc', 'FILE_PATH_REFUSED'],
    ['/etc/uci-defaults', 'FILE_NAME_REFUSED'],
    ['etc/x', 'FILE_PATH_REFUSED'],
    ['/etc/../x', 'FILE_PATH_REFUSED'],
    ['/etc//x', 'FILE_PATH_REFUSED'],
    ['/var/x', 'FILE_PATH_REFUSED'],
    ['/tmp/x', 'FILE_PATH_REFUSED'],
    ['/proc/x', 'FILE_PATH_REFUSED'],
    ['/sys/x', 'FILE_PATH_REFUSED'],
    ['/dev/x', 'FILE_PATH_REFUSED'],
    ['/boot/x', 'FILE_PATH_REFUSED'],
    ['/bin/busybox', 'FILE_PATH_REFUSED'],
    ['/etc/resolv.conf', 'FILE_PATH_REFUSED'],
    ['/etc/shadow', 'FILE_PATH_REFUSED'],
    ['/etc/config/network', 'FILE_REPLACES_CONFIG'],
    ['/etc/uci-defaults/50 mine', 'FILE_NAME_REFUSED'],
    ['/etc/uci-defaults/50\\mine', 'FILE_NAME_REFUSED'],
    ['/etc/a\nb', 'FILE_NAME_REFUSED'],
    ['/etc/.git/x', 'FILE_NAME_REFUSED'],
    ['/etc/uci-defaults/99-mape', 'FILE_COLLIDES'],
    ['/usr/share/mape-image', 'FILE_COLLIDES'],
  ])('refuses %j', (path, code) => {
    expect(check([path])).toEqual([`error ${code}`]);
  });

  it.each([0o4755, 0o2755, 0o1777, -1])('refuses mode %o', (mode) => {
    expect(check(['/usr/bin/tool', mode])).toEqual(['error FILE_MODE_REFUSED']);
  });

  it('refuses one path twice, and a file inside another', () => {
    expect(check(['/etc/x'], ['/etc/x'])).toEqual(['error FILE_COLLIDES']);
    expect(check(['/etc/x'], ['/etc/x/y'])).toEqual(['error FILE_COLLIDES']);
  });

  it('warns of a whole file where single settings would do', () => {
    expect(check(['/etc/config/firewall'])).toEqual(['warning FILE_REPLACES_CONFIG']);
  });
});

describe('checkOverlay', () => {
  const own = (config: string, section: string): OwnUci => ({
    config,
    section,
    option: 'mtu',
    value: '1400',
  });

  it('warns of settings that override what MAP-E is made of', () => {
    const config = {
      ...plainConfig,
      uci: [own('network', 'wan6mape'), own('firewall', 'mape_br'), own('network', 'lan')],
    };
    expect(checkOverlay(overlayInput({ config }), makeFileTree([])).map(({ code }) => code)).toEqual([
      'UCI_OVERRIDES_OURS',
      'UCI_OVERRIDES_OURS',
    ]);
  });

  it('asks for the key of a protected network', () => {
    const wifi = {
      country: 'JP',
      networks: [{ ssid: 'x', encryption: 'sae', band: '5g', hidden: false }],
    } as const;
    expect(
      checkOverlay(overlayInput({ config: { ...plainConfig, wifi } }), makeFileTree([])).map(
        ({ code }) => code,
      ),
    ).toEqual(['WIFI_KEY_MISSING']);
  });
});

describe('time zones', () => {
  it('has the POSIX form the time zone database has', () => {
    let compared = 0;
    for (const zone of KNOWN_TIMEZONES) {
      const path = `/usr/share/zoneinfo/${zone}`;
      if (!existsSync(path)) continue;
      // RFC 8536 §3.3: the footer stands between the last two line feeds
      expect(posixTimezone(zone), zone).toBe(readFileSync(path, 'latin1').split('\n').at(-2));
      compared += 1;
    }
    if (compared === 0) console.warn('skipped: no time zone database here');
  });

  it('knows Tokyo and no name of an object', () => {
    expect(posixTimezone('Asia/Tokyo')).toBe('JST-9');
    expect(posixTimezone('constructor')).toBeUndefined();
  });
});

describe('renderWan6mapeUci', () => {
  it('gives the options in the order of the documentation', () => {
    expect(renderWan6mapeUci(mapeOf(SYNTHETIC.ocn)).map(([option]) => option)).toEqual([
      'proto',
      'maptype',
      'peeraddr',
      'ipaddr',
      'ip4prefixlen',
      'ip6prefix',
      'ip6prefixlen',
      'ealen',
      'psidlen',
      'offset',
      'tunlink',
      'legacymap',
      'encaplimit',
      'mtu',
    ]);
  });

  it('writes a fixed PSID as mapcalc reads it: left-aligned, EA bits as many', () => {
    const options = new Map(renderWan6mapeUci({ ...fullAddress, psid: 0x34, psidLength: 8, eaLength: 0 }));
    expect([options.get('psid'), options.get('ealen'), options.get('psidlen')]).toEqual([
      String(0x3400),
      '8',
      '8',
    ]);
  });

  it('writes a full address without PSID', () => {
    const options = new Map(renderWan6mapeUci(fullAddress));
    expect([
      options.get('ipaddr'),
      options.get('ip4prefixlen'),
      options.get('ealen'),
      options.get('psidlen'),
    ]).toEqual(['192.0.2.1', '32', '0', '0']);
  });

  it('names the form of the interface identifier', () => {
    const rfc = new Map(renderWan6mapeUci({ ...fullAddress, interfaceIdForm: 'rfc7597' }));
    expect(rfc.get('legacymap')).toBe('0');
  });
});
