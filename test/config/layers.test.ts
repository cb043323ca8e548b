import { describe, expect, it } from 'vitest';
import { explainConfig } from '../../src/config/explain.ts';
import { type FlagValues, parseEnvLayer, parseFlagLayer } from '../../src/config/flags.ts';
import type { ConfigLayer, LayerResult } from '../../src/config/layer.ts';
import { mergeLayers } from '../../src/config/merge.ts';
import { parseConfigText } from '../../src/config/parse.ts';
import { readFixture } from './support.ts';

function layerOf({ layer, findings }: LayerResult): ConfigLayer {
  if (layer === undefined || findings.length > 0) throw new Error(JSON.stringify(findings));
  return layer;
}

const flags = (values: FlagValues) => layerOf(parseFlagLayer(values));
const env = (values: Record<string, string>) => layerOf(parseEnvLayer(values));
const project = (text: string) => layerOf(parseConfigText(text, 'mape-image.yaml'));
const user = (text: string) =>
  layerOf(parseConfigText(text, '/home/me/.config/mape-image/config.yaml', 'user'));

describe('precedence', () => {
  const layers = [
    flags({ profile: 'from-flag' }),
    env({ MAPE_IMAGE_PROFILE: 'from-env', MAPE_IMAGE_RELEASE: '25.12' }),
    project('profile: from-project\nrelease: "24.10"\nhostname: project'),
    user('profile: from-user\nrelease: "23.05"\nhostname: user\ntimezone: UTC'),
  ];

  it('is flag, environment, project file, user file, default', () => {
    const { config, origins } = mergeLayers(layers);
    expect([config.profile, config.release, config.hostname, config.timezone, config.line]).toEqual([
      'from-flag',
      '25.12',
      'project',
      'UTC',
      'auto',
    ]);
    expect(
      ['profile', 'release', 'hostname', 'timezone', 'line'].map((path) => {
        const origin = origins.get(path);
        return [origin?.layer, origin?.label];
      }),
    ).toEqual([
      ['flag', '--profile'],
      ['environment', 'MAPE_IMAGE_RELEASE'],
      ['project', 'mape-image.yaml:3:11'],
      ['user', '/home/me/.config/mape-image/config.yaml:4:11'],
      ['default', 'default'],
    ]);
  });

  it('does not depend on the order in which layers are given', () => {
    expect(mergeLayers([...layers].reverse()).config).toEqual(mergeLayers(layers).config);
  });

  it('service auto of a stronger layer undoes the service of a weaker one', () => {
    expect(mergeLayers([flags({ service: 'auto' }), project('service: ocn')]).config.service).toBeUndefined();
  });

  it('a list replaces the weaker list as a whole', () => {
    const merged = mergeLayers([project('ntp: [a.example]'), user('ntp: [b.example, c.example]')]);
    expect(merged.config.ntp).toEqual(['a.example']);
  });

  it('parts of a mapping come from different layers', () => {
    const merged = mergeLayers([
      project('wifi: { networks: [ { ssid: a, encryption: owe } ] }'),
      user('wifi: { country: DE }'),
    ]);
    expect(merged.config.wifi).toMatchObject({ country: 'DE', networks: [{ ssid: 'a' }] });
  });
});

describe('package names', () => {
  it('accumulate, and the stronger layer decides between adding and removing', () => {
    const merged = mergeLayers([
      flags({ add: ['b'], remove: ['a'] }),
      env({ MAPE_IMAGE_ADD: 'd, e' }),
      project('packages: { add: [a, c], remove: [b, ppp] }'),
    ]);
    expect(merged.config.packages).toEqual({ add: ['b', 'd', 'e', 'c'], remove: ['a', 'ppp'] });
    expect(
      [...merged.origins]
        .filter(([path]) => path.startsWith('packages.'))
        .map(([path, { label }]) => [path, label]),
    ).toEqual([
      ['packages.add[0]', '--add'],
      ['packages.add[1]', 'MAPE_IMAGE_ADD'],
      ['packages.add[2]', 'MAPE_IMAGE_ADD'],
      ['packages.add[3]', 'mape-image.yaml:1:22'],
      ['packages.remove[0]', '--remove'],
      ['packages.remove[1]', 'mape-image.yaml:1:38'],
    ]);
  });
});

describe('UCI options', () => {
  it('accumulate by name, types of sections first', () => {
    const merged = mergeLayers([
      flags({ set: ['uci.network.lan.mtu=1400', 'uci.network.guest..type=interface'] }),
      project('uci: { network: { lan: { mtu: 1500, x: y } } }'),
    ]);
    expect(merged.config.uci).toEqual([
      { config: 'network', section: 'guest', value: 'interface' },
      { config: 'network', section: 'lan', option: 'mtu', value: '1400' },
      { config: 'network', section: 'lan', option: 'x', value: 'y' },
    ]);
    expect(merged.origins.get('uci.network.lan.mtu')?.label).toBe('--set uci.network.lan.mtu');
    expect(merged.origins.get('uci.network.lan.x')?.label).toBe('mape-image.yaml:1:40');
  });
});

describe('--set', () => {
  const accepted: readonly [string, unknown][] = [
    ['lan.address=10.1.2.3/24', { lan: { address: '10.1.2.3/24' } }],
    ['release=24.10', { release: '24.10' }],
    ['hostname=123', { hostname: '123' }],
    ['wan.dhcpv4=true', { wan: { dhcpv4: true } }],
    [
      'reservedPorts=[443, 8000-8010]',
      {
        reservedPorts: [
          [443, 443],
          [8000, 8010],
        ],
      },
    ],
    ['ntp=[a.example, b.example]', { ntp: ['a.example', 'b.example'] }],
    ['ntp=[]', { ntp: [] }],
    ['root.passwordHash.env=HASH', { root: { passwordHash: { env: 'HASH' } } }],
    ['root.passwordHash={file: secrets/hash}', { root: { passwordHash: { file: 'secrets/hash' } } }],
  ];
  it.each(accepted)('%s is one setting', (text, values) => {
    expect(flags({ set: [text] }).values).toEqual(values);
  });

  const refused: readonly [string, string][] = [
    ['lan.address', 'CONFIG_SET_SYNTAX'],
    ['=x', 'CONFIG_SET_SYNTAX'],
    ['hostname=', 'CONFIG_SET_SYNTAX'],
    ['forwards[0]=tcp 1 -> 192.168.1.2', 'CONFIG_SET_SYNTAX'],
    ['__proto__.hostname=a', 'CONFIG_SET_SYNTAX'],
    ['ntp=[a, 1.50]', 'CONFIG_SET_SYNTAX'],
    ['ntp=a.example', 'CONFIG_WRONG_TYPE'],
    ['hostname=my_gate', 'CONFIG_BAD_HOSTNAME'],
    ['hostname=a\u001b[2J', 'CONFIG_BAD_TEXT'],
    ['hostname=true', 'CONFIG_UNQUOTED'],
    ['hostnam=gate', 'CONFIG_UNKNOWN_KEY'],
    ['lan=10.0.0.1/8', 'CONFIG_WRONG_TYPE'],
    ['root.passwordHash=hunter2', 'CONFIG_SECRET_IN_FLAG'],
    ['wifi.networks=[{ssid: a, key: hunter2hunter2}]', 'CONFIG_SECRET_IN_FLAG'],
    ['wifi.networks[0].key=hunter2', 'CONFIG_SET_SYNTAX'],
    ['uci.network.wg0.private_key=hunter2', 'CONFIG_SECRET_IN_FLAG'],
  ];
  it.each(refused)('%s is found', (text, code) => {
    const { findings } = parseFlagLayer({ set: [text] });
    expect(findings.map((finding) => finding.code)).toEqual([code]);
    expect(JSON.stringify(findings)).not.toContain('hunter2');
  });

  it('the later of two holds, and a flag of its own goes before both', () => {
    const layer = flags({ profile: 'own', set: ['hostname=a', 'hostname=b', 'profile=x'] });
    expect(layer.values).toEqual({ hostname: 'b', profile: 'own' });
    expect(mergeLayers([layer]).origins.get('profile')?.label).toBe('--profile');
  });
});

describe('the environment', () => {
  it('has a name for every flag', () => {
    const layer = env({
      MAPE_IMAGE_PREFIX: '2400:4151:8000:1234::/64',
      MAPE_IMAGE_PROFILE: 'tplink_archer-c6-v2',
      MAPE_IMAGE_SERVICE: 'ocn',
      MAPE_IMAGE_RELEASE: '24.10',
      MAPE_IMAGE_RULE: 'my.yaml',
      MAPE_IMAGE_LINE: 'pd',
      MAPE_IMAGE_ADD: 'htop tmux',
      MAPE_IMAGE_REMOVE: 'ppp',
      MAPE_IMAGE_SET: 'hostname=gate\nlan.address=10.0.0.1/24\n',
    });
    expect(layer.values).toEqual({
      prefix: '2400:4151:8000:1234::/64',
      profile: 'tplink_archer-c6-v2',
      service: 'ocn',
      release: '24.10',
      rule: 'my.yaml',
      line: 'pd',
      packages: { add: ['htop', 'tmux'], remove: ['ppp'] },
      hostname: 'gate',
      lan: { address: '10.0.0.1/24' },
    });
  });

  it('an empty variable and those of other programs count as absent', () => {
    expect(env({ MAPE_IMAGE_PREFIX: '', MAPE_IMAGE_OUTPUT_DIR: 'x', HOME: '/root' }).values).toEqual({});
  });

  it('is named in what it got wrong', () => {
    const { findings } = parseEnvLayer({ MAPE_IMAGE_PREFIX: '192.0.2.1' });
    expect(findings.map(({ code, details, place }) => [code, details?.origin, place])).toEqual([
      ['CONFIG_BAD_PREFIX', 'MAPE_IMAGE_PREFIX', undefined],
    ]);
  });
});

describe('checks across layers', () => {
  it('a forward of one file is judged by the LAN of another and placed where it stands', () => {
    const { findings } = mergeLayers([
      flags({ set: ['lan.address=10.0.0.1/24'] }),
      project(
        'hostname: gate\nforwards:\n  - tcp 5136 -> 192.168.1.10\n  - { proto: udp, port: 1, host: 10.0.0.1 }',
      ),
    ]);
    expect(findings.map(({ code, place }) => [code, place?.line, place?.column])).toEqual([
      ['CONFIG_FORWARD_OUTSIDE_LAN', 3, 5],
      ['CONFIG_FORWARD_OUTSIDE_LAN', 4, 34],
    ]);
  });
});

describe('explanation', () => {
  it('names each setting with its origin and shows no secret', () => {
    const hash = '$1$abcdefgh$9iFYwkZAoVhW7a1yiYmPM1';
    const { layer } = parseConfigText(
      `${readFixture('full.yaml')}`.replace('{ env: MAPE_ROOT_HASH }', `"${hash}"`),
      'mape-image.yaml',
    );
    if (layer === undefined) throw new Error('no layer');
    const { config, origins } = mergeLayers([flags({ line: 'pd' }), layer]);
    const explained = explainConfig(config, origins);
    const labelOf = (path: string) => explained.find((setting) => setting.path === path)?.origin.label;
    expect(labelOf('line')).toBe('--line');
    expect(labelOf('hostname')).toBe('mape-image.yaml:10:11');
    expect(labelOf('uci.network.guest..type')).toBe('mape-image.yaml:41:36');
    expect(explained.find(({ path }) => path === 'root.passwordHash')?.value).toBe('(hidden)');
    expect(JSON.stringify(explained)).not.toContain(hash);
    expect(explained.every(({ path }) => origins.has(path))).toBe(true);
  });
});
