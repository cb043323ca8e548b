import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textWidth } from '../../src/cli/output/style.ts';
import { ask } from './status-answer.ts';
import { type Files, failure, runStatus, WAITING, wan6 } from './status-scene.ts';
import { fileText, hasTool, templates } from './support.ts';

const busybox = hasTool('busybox');

describe.runIf(busybox)('values that strangers had a hand in', () => {
  const hostile = [
    `"}, {"x": "`,
    '\u001b[2J\u001b]0;title\u0007',
    '\\" \\n $(touch x) `touch x` %s %n',
    '日本語のログ'.repeat(20),
    'a'.repeat(300),
    '\u0085\u009b31m',
  ];

  it.each(hostile)('%j is shown and stays harmless', (text) => {
    const files: Files = {
      ...WAITING,
      ...failure('NO_MATCHING_PD', text),
      'etc/mape-image/first-boot.log': `${text}\n`,
      'uci/firewall': `firewall.a=redirect\nfirewall.a.name='${text.replaceAll("'", "'\\''")}'\nfirewall.a.src_dport='6016'\n`,
      'ubus/wan6': wan6('', '240b:251:3456:7800::'),
    };
    const answer = ask(files);
    expect(answer.firstBoot.lastLog).toBe(text);
    expect(answer.lastError?.text).toBe(text);
    expect(answer.forwards[0]?.name).toBe(text);
    const shown = runStatus(files, []).stdout;
    expect(shown).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    for (const line of shown.split('\n')) expect(textWidth(line), line).toBeLessThanOrEqual(80);
  });

  it('any bytes of a log line end as JSON and as harmless text', () => {
    const script = fileText(templates, '/usr/lib/mape-image/status-print.sh');
    const clean = (form: string, bytes: Uint8Array) =>
      spawnSync(
        'busybox',
        ['ash', '-c', `${script}\nTEXT=$(cat; echo .); status_clean ${form} "\${TEXT%.}"`],
        {
          input: bytes,
        },
      ).stdout;
    const byte = fc.oneof(
      fc.integer({ min: 1, max: 255 }),
      fc.constantFrom(0x22, 0x5c, 0x1b, 0xe3, 0x81, 0x82, 0xc2, 0x9b),
    );
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 120 }), (values) => {
        const bytes = Uint8Array.from(values);
        const json = new TextDecoder('utf-8', { fatal: true }).decode(clean('json', bytes));
        const parsed: unknown = JSON.parse(`"${json}"`);
        // one replacement character a byte, where WHATWG has one a maximal part: equal without them
        const wanted = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
        expect(String(parsed).replaceAll('\ufffd', '')).toBe(wanted.replaceAll('\ufffd', ''));
        const text = new TextDecoder('utf-8', { fatal: true }).decode(clean('text', bytes));
        expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
      }),
      { numRuns: 100 },
    );
  });

  it.each<[string, Files]>([
    [
      'counters',
      {
        'sys/class/net/map-wan6mape/statistics/rx_packets': '1e9; echo x\n',
        'nft/counters': '\tcounter leak_x;y {\n\t\tpackets -1 bytes 0\n',
      },
    ],
    [
      'rules of map.sh',
      {
        'tmp/map-wan6mape.rules':
          "RULE_1_IPV4ADDR=$(touch x)\nRULE_1_PORTSETS='x-y 5 1-99999 5696-268441151 7-8'\nRULE_BMR=1\n",
      },
    ],
    [
      'files that are cut short',
      {
        'tmp/map-wan6mape.rules': 'RULE_1',
        'proc/net/nf_conntrack': 'ipv4',
        'proc/net/if_inet6': 'x',
        'proc/uptime': '',
      },
    ],
    ['answers of other programs', { 'ubus/wan6': '{', 'nft/counters': '', swconfig: '\n', 'nft/tables': '' }],
    ['addresses', { 'ubus/wan6': wan6('2001:$(touch x)::1', "2001:';x") }],
    [
      'the configuration',
      { 'uci/network': "network.wan6mape.proto='map'\nnetwork.wan6mape.tunlink='$(x)'\n" },
    ],
  ])('%s may be anything', (_, files) => {
    expect(() => ask(files)).not.toThrow();
    expect(runStatus(files, []).stderr).toBe('');
  });
});
