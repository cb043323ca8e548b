import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ResolvedConfig } from '../../src/config/config.ts';
import { MapeImageError } from '../../src/errors.ts';
import type { FileTree } from '../../src/overlay/file-tree.ts';
import { type OverlayInput, renderOverlay } from '../../src/overlay/render.ts';
import { parseBatch, parseWords } from './stand-in/uci-text.mjs';
import {
  ashProblem,
  fileText,
  hasTool,
  namespaceCommand,
  nftProblem,
  overlayInput,
  plainConfig,
  runAsh,
} from './support.ts';

const busybox = hasTool('busybox');
const namespace = namespaceCommand();
const SHARE = '/usr/share/mape-image';
const NFT = '/usr/share/nftables.d/ruleset-post/50-mape-image.nft';

const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "'",
        '"',
        '\\',
        "'\\''",
        '$(reboot)',
        '`reboot`',
        '; reboot',
        '# x',
        '\n',
        '\0',
        '\r',
        '家',
        '{{x}}',
        '}}',
        '\ud800',
        '=',
        ' ',
        '\tlist x',
      ),
      fc.string({ unit: 'grapheme', maxLength: 8 }),
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((parts) => parts.join(''));

/** Every text field that reaches a file: how it gets into the input, and how it is read back from the tree. */
const FIELDS: readonly [
  name: string,
  (value: string) => Partial<OverlayInput>,
  (tree: FileTree) => unknown,
][] = [
  ['hostname', (hostname) => config({ hostname }), (tree) => setIn(tree, 'parts/10-system.uci', 'hostname')],
  [
    'a time server',
    (server) => config({ ntp: [server] }),
    (tree) => setIn(tree, 'parts/10-system.uci', 'server'),
  ],
  ['an SSID', (ssid) => config({ wifi: wifi({ ssid }) }), (tree) => wifiOption(tree, 'ssid')],
  ['a Wi-Fi key', (key) => config({ wifi: wifi({ key }) }), (tree) => wifiOption(tree, 'key')],
  [
    'a country',
    (country) => config({ wifi: { ...wifi({}), country } }),
    (tree) => wifiOption(tree, 'country'),
  ],
  [
    'a key line',
    (key) => config({ ssh: { authorizedKeys: [key], passwordLogin: undefined } }),
    (tree) => fileText(tree, '/etc/dropbear/authorized_keys').replace(/\n$/, ''),
  ],
  [
    'a password hash',
    (rootPasswordHash) => config({ rootPasswordHash }),
    (tree) => shellValue(tree, 'secret/root', 'ROOT_HASH'),
  ],
  [
    'a UCI value',
    (value) => config({ uci: [{ config: 'a', section: 'b', option: 'c', value }] }),
    (tree) => setIn(tree, 'secret/own.uci', 'c'),
  ],
  [
    'a UCI list',
    (value) => config({ uci: [{ config: 'a', section: 'b', option: 'c', value: [value] }] }),
    (tree) => setIn(tree, 'secret/own.uci', 'c'),
  ],
  [
    'a UCI option name',
    (option) => config({ uci: [{ config: 'a', section: 'b', option, value: '1' }] }),
    (tree) => onlyCommand(tree, 'secret/own.uci').option,
  ],
  [
    'a UCI section name',
    (section) => config({ uci: [{ config: 'a', section, option: 'c', value: '1' }] }),
    (tree) => onlyCommand(tree, 'secret/own.uci').section,
  ],
  [
    'the name of an opening',
    (name) => config({ ipv6: { allow: [{ name, proto: 'icmp', ports: [] }] } }),
    (tree) => lineValue(tree, 'mape_v6_', 'name'),
  ],
  [
    'the host of an opening',
    (host) => config({ ipv6: { allow: [{ name: 'x', proto: 'icmp', ports: [], host }] } }),
    (tree) => String(lineValue(tree, 'mape_v6_', 'dest_ip')).replace(/\/-64$/, ''),
  ],
  [
    'the name of a forward',
    (name) =>
      config({
        forwards: [{ name, proto: 'tcp', port: [6016, 6016], host: '192.168.1.2', hostPort: [80, 80] }],
      }),
    (tree) => lineValue(tree, 'mape_fwd_', 'name'),
  ],
  [
    'the reason of the line type',
    (reason) => ({ line: { configured: 'ra', assumed: 'ra', reason } }),
    (tree) => shellValue(tree, 'baked', 'BAKED_LINE_REASON'),
  ],
  [
    'the program version',
    (programVersion) => ({ programVersion }),
    (tree) => String(shellValue(tree, 'baked', 'BAKED_PROGRAM')).replace(/^mape-image /, ''),
  ],
];

describe.runIf(busybox)('hostile text', () => {
  it.each(FIELDS)('in %s is read back as it was, or refused with a code', (_, place, readBack) => {
    fc.assert(
      fc.property(hostile, (value) => {
        let tree: FileTree;
        try {
          tree = renderOverlay(overlayInput(place(value)));
        } catch (error) {
          if (!(error instanceof MapeImageError)) throw error;
          expect(['OVERLAY_UNSAFE_VALUE', 'OVERLAY_REFUSED']).toContain(error.code);
          return;
        }
        for (const [path, entry] of tree)
          if (entry.type === 'file' && path.endsWith('.uci')) parseBatch(fileText(tree, path));
        expect(readBack(tree)).toBe(value);
      }),
      { numRuns: 120 },
    );
  });

  it('leaves every script and the NAT table whole', () => {
    const value = `'"$(touch /x)\`id\`; # {{uci x}} \\ 家`;
    const tree = renderOverlay(
      overlayInput({
        config: {
          ...plainConfig,
          hostname: value,
          wifi: wifi({ ssid: value, key: value }),
          uci: [{ config: 'a', section: 'b', option: 'c', value }],
          ssh: { authorizedKeys: [value], passwordLogin: undefined },
        },
        line: { configured: 'auto', assumed: 'both', reason: value },
      }),
    );
    const shell = [...tree.keys()].filter((path) =>
      /\.sh$|\/99-mape$|init\.d\/.|hotplug\.d\/.*\/.|\/baked$|secret\/root$/.test(path),
    );
    for (const path of shell) {
      if (tree.get(path)?.type === 'file') expect(ashProblem(fileText(tree, path)), path).toBeUndefined();
    }
    if (namespace !== undefined) expect(nftProblem(namespace, fileText(tree, NFT))).toBeUndefined();
  });
});

function config(overrides: Partial<ResolvedConfig>): Partial<OverlayInput> {
  return { config: { ...plainConfig, ...overrides } };
}

function wifi(overrides: { ssid?: string; key?: string }): NonNullable<ResolvedConfig['wifi']> {
  const network = { ssid: 'x', key: 'correct horse', encryption: 'psk2', band: '2g', hidden: false } as const;
  return { country: 'JP', networks: [{ ...network, ...overrides }] };
}

function setIn(tree: FileTree, name: string, option: string): unknown {
  return parseBatch(fileText(tree, `${SHARE}/${name}`)).find(
    (command) => command.option === option && command.verb !== 'delete',
  )?.value;
}

function onlyCommand(tree: FileTree, name: string) {
  const [command] = parseBatch(fileText(tree, `${SHARE}/${name}`));
  if (command === undefined) throw new Error(`no command in ${name}`);
  return command;
}

function lineValue(tree: FileTree, section: string, option: string): unknown {
  return parseBatch(fileText(tree, `${SHARE}/uci/line.uci`)).find(
    (command) => command.section?.startsWith(section) && command.option === option,
  )?.value;
}

/** As the first boot reads it: a line `option='value'` behind `set wireless.x.`. */
function wifiOption(tree: FileTree, option: string): unknown {
  const lines = fileText(tree, `${SHARE}/secret/wifi`).split('\n');
  const line = lines.find((item) => item.startsWith(`${option}=`) || item.startsWith(`${option} `)) ?? '';
  return parseWords(line.slice(option.length + 1))[0];
}

function shellValue(tree: FileTree, name: string, variable: string): unknown {
  const run = runAsh(`${fileText(tree, `${SHARE}/${name}`)}\nprintf '%s' "$${variable}"`, { root: '' });
  expect(run.stderr).toBe('');
  return run.stdout;
}
