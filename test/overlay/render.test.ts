import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ResolvedConfig } from '../../src/config/config.ts';
import { OverlayError } from '../../src/overlay/errors.ts';
import type { FileTree } from '../../src/overlay/file-tree.ts';
import { type OverlayInput, PLAN_ID_PATH, renderOverlay } from '../../src/overlay/render.ts';
import { renderTemplate } from '../../src/overlay/templates.ts';
import { computeOverlayView } from '../../src/overlay/view.ts';
import { fixturePath } from '../support/fixtures.ts';
import {
  fileText,
  fullAddress,
  mapeOf,
  overlayInput,
  PLAN_A,
  PLAN_B,
  plainConfig,
  SYNTHETIC,
  templates,
} from './support.ts';

const fullConfig: ResolvedConfig = {
  ...plainConfig,
  lan: { address: '192.168.10.1/24' },
  hostname: 'gate',
  ntp: ['ntp.nict.jp', 'ntp.jst.mfeed.ad.jp'],
  wifi: {
    country: 'JP',
    networks: [
      { ssid: "Ko'taro 家", key: 'correct horse', encryption: 'sae-mixed', band: 'all', hidden: false },
      { ssid: 'guest', encryption: 'owe', band: '5g', hidden: true },
    ],
  },
  ssh: {
    authorizedKeys: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAISynthetic me@example'],
    passwordLogin: undefined,
  },
  rootPasswordHash: '$6$salt$hash',
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
      { name: 'ping', proto: 'icmp', ports: [] },
    ],
  },
  forwards: [
    { name: 'nas', proto: 'tcp', port: [6016, 6016], host: '192.168.10.10', hostPort: [443, 443] },
    { name: 'game', proto: 'tcp+udp', port: [6018, 6020], host: '192.168.10.11', hostPort: [6018, 6020] },
    { name: 'shift', proto: 'udp', port: [6022, 6023], host: '192.168.10.12', hostPort: [100, 101] },
  ],
  reservedPorts: [[6031, 6031]],
  files: [{ path: '/etc/my-app/key', mode: 0o600, content: new TextEncoder().encode('private') }],
  uci: [
    { config: 'network', section: 'lan', option: 'mtu', value: '1500' },
    { config: 'my-app', section: 'main', value: 'service' },
    { config: 'my-app', section: 'main', option: 'peers', value: ['a b', "c'd"] },
  ],
};

const ocnPorts = mapeOf(SYNTHETIC.ocn).portRanges[4]?.[0] ?? 0;
const shiftToOcn = (port: readonly [number, number]): readonly [number, number] => [
  port[0] - 6016 + ocnPorts,
  port[1] - 6016 + ocnPorts,
];
const ocnConfig: ResolvedConfig = {
  ...fullConfig,
  forwards: fullConfig.forwards.map((forward) => ({
    ...forward,
    port: shiftToOcn(forward.port),
    hostPort: forward.name === 'game' ? shiftToOcn(forward.hostPort) : forward.hostPort,
  })),
  reservedPorts: fullConfig.reservedPorts.map(shiftToOcn),
};

const GOLDEN: readonly [name: string, input: OverlayInput][] = [
  ['v6plus-ra-24.10', overlayInput()],
  [
    'ocn-pd-25.12',
    overlayInput({
      mape: mapeOf(SYNTHETIC.ocn),
      config: ocnConfig,
      line: { configured: 'pd', assumed: 'pd', reason: 'configured' },
      series: '25.12',
    }),
  ],
  [
    'v6plus-both-22.03',
    overlayInput({
      config: { ...plainConfig, wan: { dhcpv4: true }, lan: { address: '192.168.10.1/24' } },
      line: { configured: 'auto', assumed: 'both', reason: 'a /64 says nothing of delegation' },
      series: '22.03',
    }),
  ],
  ['full-address', overlayInput({ mape: fullAddress })],
];

/** What a template made, by path, and a list of all that stands in the tree. */
function goldenFiles(tree: FileTree): Map<string, string> {
  const made = [...templates.keys()].filter((path) => path.endsWith('.hbs')).map((path) => path.slice(0, -4));
  const list = [...tree].map(([path, entry]) => {
    if (entry.type === 'symlink') return `l ${path} -> ${entry.target}`;
    const secret = entry.type === 'file' && entry.secret ? ' secret' : '';
    return `${entry.type === 'file' ? 'f' : 'd'} ${entry.mode.toString(8).padStart(4, '0')} ${path}${secret}`;
  });
  return new Map([
    ['LIST', `${list.join('\n')}\n`],
    ...made.filter((path) => tree.has(path)).map((path): [string, string] => [path, fileText(tree, path)]),
  ]);
}

describe('rendered trees', () => {
  it.each(GOLDEN)('%s is what was read in review', (name, input) => {
    const folder = fixturePath(`overlay/golden/${name}`);
    const files = goldenFiles(renderOverlay(input));
    if (process.env.UPDATE_GOLDEN === '1') {
      rmSync(folder, { recursive: true, force: true });
      for (const [path, text] of files) {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), text);
      }
    }
    const known = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
      statSync(join(folder, path)).isFile(),
    );
    expect(known.sort()).toEqual([...files.keys()].map((path) => path.replace(/^\//, '')).sort());
    for (const [path, text] of files) expect(readFileSync(join(folder, path), 'utf8'), path).toBe(text);
  });
});

describe('renderOverlay', () => {
  it('lets the plan id reach one file only', () => {
    const [a, b] = [PLAN_A, PLAN_B].map((planId) =>
      renderOverlay(overlayInput({ planId, config: fullConfig })),
    );
    const differing = [...(a ?? [])].filter(([path, entry]) => {
      const other = b?.get(path);
      return JSON.stringify(entry) !== JSON.stringify(other);
    });
    expect(differing.map(([path]) => path)).toEqual([PLAN_ID_PATH]);
    expect(fileText(renderOverlay(overlayInput()), PLAN_ID_PATH)).toBe(`${PLAN_A}\n`);
  });

  it('marks what holds a secret, closes it, and nothing else', () => {
    const tree = renderOverlay(overlayInput({ config: fullConfig }));
    const secret = [...tree].filter(([, entry]) => entry.type === 'file' && entry.secret);
    expect(secret.map(([path]) => path)).toEqual([
      '/etc/my-app/key',
      '/usr/share/mape-image/secret/own.uci',
      '/usr/share/mape-image/secret/root',
      '/usr/share/mape-image/secret/wifi',
    ]);
    for (const [path, entry] of secret) expect(entry.type === 'file' && entry.mode, path).toBe(0o600);
    const open = [...tree]
      .filter(([, entry]) => entry.type === 'file' && !entry.secret)
      .map(([path]) => fileText(tree, path));
    for (const word of ['correct horse', '$6$salt$hash'])
      expect(open.some((text) => text.includes(word))).toBe(false);
  });

  it('gives modes by place, whatever the templates had', () => {
    const tree = renderOverlay(overlayInput({ config: fullConfig }));
    const mode = (path: string) => {
      const entry = tree.get(path);
      return entry === undefined || entry.type === 'symlink' ? undefined : entry.mode;
    };
    expect(mode('/lib/netifd/proto/map.sh')).toBe(0o755);
    expect(mode('/etc/init.d/mape-guard')).toBe(0o755);
    expect(mode('/etc/uci-defaults/99-mape')).toBe(0o644);
    expect(mode('/etc/dropbear/authorized_keys')).toBe(0o600);
    expect(mode('/etc/dropbear')).toBe(0o700);
    expect(mode('/etc')).toBe(0o755);
  });

  it('leaves out files with nothing to say', () => {
    const tree = renderOverlay(overlayInput());
    for (const path of ['/etc/dropbear', '/usr/share/mape-image/secret'])
      expect(tree.has(path), path).toBe(false);
  });

  it('refuses settings that do not fit, with all findings', () => {
    const config: ResolvedConfig = {
      ...plainConfig,
      timezone: 'Mars/Olympus',
      reservedPorts: [[80, 80]],
      files: [{ path: '/etc/config/network', mode: 0o644, content: new Uint8Array() }],
    };
    const error = codedError(() => renderOverlay(overlayInput({ config })));
    expect(error.code).toBe('OVERLAY_REFUSED');
    expect(error.findings.map(({ code }) => code)).toEqual([
      'RESERVED_PORT_NOT_OURS',
      'TIMEZONE_UNKNOWN',
      'FILE_REPLACES_CONFIG',
    ]);
  });

  it.each([
    ['a line break in an SSID', { ssid: 'a\nb' }],
    ['NUL in an SSID', { ssid: 'a\0b' }],
    ['half a surrogate pair', { ssid: 'a\ud800' }],
  ])('refuses %s', (_, { ssid }) => {
    const wifi = {
      country: 'JP',
      networks: [{ ssid, encryption: 'none', band: '2g', hidden: false }],
    } as const;
    const error = codedError(() => renderOverlay(overlayInput({ config: { ...plainConfig, wifi } })));
    expect(error.code).toBe('OVERLAY_UNSAFE_VALUE');
    expect(JSON.stringify([error.message, error.details])).not.toContain(ssid);
  });
});

describe('templates', () => {
  const view = computeOverlayView(overlayInput());

  it.each([
    ['a bare value', '{{device}}'],
    ['a raw value', '{{{uci device}}}'],
    ['an unknown helper', '{{html device}}'],
    ['another block', '{{#with device}}x{{/with}}'],
    ['a partial', '{{> device}}'],
    ['an unknown name', '{{uci nothing}}'],
    ['a name in a block that is not there', '{{#each pool}}{{nft portz}}{{/each}}'],
  ])('refuse %s', (_, source) => {
    expect(['OVERLAY_TEMPLATE_INVALID', 'OVERLAY_UNSAFE_VALUE']).toContain(
      codedError(() => renderTemplate('/x', source, view)).code,
    );
  });
});

function codedError(run: () => unknown): OverlayError {
  try {
    run();
  } catch (error) {
    if (error instanceof OverlayError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
