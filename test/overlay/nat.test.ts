import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PortRange } from '../../src/mape/parameters.ts';
import { computePortRanges } from '../../src/mape/ports.ts';
import { computeNatView, computeSlots } from '../../src/overlay/nat-view.ts';
import { subtractPorts } from '../../src/overlay/port-list.ts';
import { renderOverlay } from '../../src/overlay/render.ts';
import { renderTemplate } from '../../src/overlay/templates.ts';
import { computeOverlayView, type OverlayView } from '../../src/overlay/view.ts';
import {
  fileText,
  fullAddress,
  hasTool,
  mapeOf,
  namespaceCommand,
  nftProblem,
  overlayFolder,
  overlayInput,
  plainConfig,
  runAsh,
  SYNTHETIC,
  templates,
} from './support.ts';

const NFT = '/usr/share/nftables.d/ruleset-post/50-mape-image.nft';
const BEFORE = `# Empty, and made before ours: /usr/lib/mape-image/guard.sh hears of a stopped firewall by them.
table ip mape_watch_1 {}
table ip mape_watch_2 {}
table ip mape_watch_3 {}
table ip mape_watch_4 {}
`;
const INCLUDE = 'include "/var/run/mape-image/*.nft"\n';
const busybox = hasTool('busybox');
const namespace = namespaceCommand();

describe('computeSlots', () => {
  it.each([
    ['equal ranges take turns', [16, 16, 16], [0, 1, 2]],
    ['a smaller one comes less often, never twice in a row', [4, 2], [0, 0, 1, 0, 0, 1]],
    ['a single one needs no turn', [240], [0]],
    ['nothing is nothing', [], []],
  ])('%s', (_, sizes, expected) => {
    expect(computeSlots(sizes)).toEqual(expected);
  });

  it('gives each range as many turns as ports while ranges are of 16', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 16 }), { minLength: 1, maxLength: 64 }), (sizes) => {
        const slots = computeSlots(sizes);
        const turns = sizes.map((_, index) => slots.filter((slot) => slot === index).length);
        const scale = (turns[0] ?? 1) / (sizes[0] ?? 1);
        for (const [index, size] of sizes.entries()) expect(turns[index]).toBeCloseTo(size * scale, 9);
      }),
    );
  });

  it('leaves no range out and stays short, however large a range is', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 65535 }), { minLength: 1, maxLength: 64 }), (sizes) => {
        const slots = computeSlots(sizes);
        expect(new Set(slots).size).toBe(sizes.length);
        expect(slots.length).toBeLessThanOrEqual(sizes.length * 16);
      }),
    );
  });
});

describe('subtractPorts', () => {
  it('keeps exactly the ports that are not taken', () => {
    const range = fc
      .tuple(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 0, max: 20 }))
      .map(([first, more]): PortRange => [first, first + more]);
    fc.assert(
      fc.property(fc.array(range, { maxLength: 4 }), fc.array(range, { maxLength: 4 }), (ranges, taken) => {
        const disjoint = (list: readonly PortRange[]) =>
          [...list]
            .sort((a, b) => a[0] - b[0])
            .filter((item, i, all) => i === 0 || item[0] > (all[i - 1]?.[1] ?? 0));
        const inside = (list: readonly PortRange[], port: number) =>
          list.some(([first, last]) => first <= port && port <= last);
        const taking = disjoint(taken).filter((item, i, all) =>
          all.slice(0, i).every(([, last]) => item[0] > last),
        );
        const rest = subtractPorts(ranges, taking);
        for (let port = 1; port <= 220; port += 1)
          expect(inside(rest, port)).toBe(inside(ranges, port) && !inside(taking, port));
      }),
    );
  });
});

const CASES = [
  ['v6 Plus', mapeOf(SYNTHETIC.v6plus), []],
  ['OCN', mapeOf(SYNTHETIC.ocn), []],
  ['a port of v6 Plus kept', mapeOf(SYNTHETIC.v6plus), [[6016, 6016]]],
  [
    'ports kept at ends, in the middle, a whole range',
    mapeOf(SYNTHETIC.v6plus),
    [
      [6016, 6018],
      [10115, 10116],
      [14208, 14223],
      [63375, 63375],
    ],
  ],
  [
    'kept ports that touch',
    mapeOf(SYNTHETIC.v6plus),
    [
      [6016, 6017],
      [6018, 6020],
    ],
  ],
  ['all ports but one range kept', mapeOf(SYNTHETIC.v6plus), [[10112, 65535]]],
  ['every port kept', mapeOf(SYNTHETIC.v6plus), [[1, 65535]]],
  [
    'one contiguous set from port 0',
    {
      ...mapeOf(SYNTHETIC.v6plus),
      psid: 0,
      psidLength: 4,
      psidOffset: 0,
      portRanges: computePortRanges({ psidLength: 4, psidOffset: 0 }, 0),
    },
    [[100, 100]],
  ],
  [
    'ranges of one port',
    {
      ...mapeOf(SYNTHETIC.v6plus),
      psid: 7,
      psidLength: 12,
      portRanges: computePortRanges({ psidLength: 12, psidOffset: 4 }, 7),
    },
    [],
  ],
  ['a full address', fullAddress, []],
] as const satisfies readonly (readonly [string, ReturnType<typeof mapeOf>, readonly PortRange[]])[];

function renderNft(view: OverlayView): string {
  const entry = templates.get(`${NFT}.hbs`);
  const source = entry?.type === 'file' ? new TextDecoder().decode(entry.bytes) : '';
  return renderTemplate(NFT, source, view);
}

describe('the NAT table', () => {
  it.runIf(busybox).each(CASES)(
    'is the same from the image and from the router: %s',
    (_, mape, reservedPorts) => {
      const view = computeOverlayView(overlayInput({ mape, config: { ...plainConfig, reservedPorts } }));
      const image = renderNft(view);
      const baked = (wanted: string) => view.baked.find(({ name }) => name === wanted)?.value ?? '';
      const run = runAsh(
        `. '${overlayFolder}/usr/lib/mape-image/nat.sh'
       mape_nat_text mape_image mape_guard map-wan6mape 'map-*' '${mape.ipv4Address}' '${baked('PORTSETS')}' '${baked('KEPT')}'`,
        { root: overlayFolder },
      );
      expect(run.stderr).toBe('');
      expect(`${BEFORE}${run.stdout}${INCLUDE}`).toBe(image);
    },
  );

  it.runIf(busybox)('is the same for any kept ports', () => {
    const mape = mapeOf(SYNTHETIC.v6plus);
    const port = fc.constantFrom(
      ...mape.portRanges.flatMap(([first, last]) =>
        Array.from({ length: last - first + 1 }, (_, i) => first + i),
      ),
    );
    fc.assert(
      fc.property(fc.uniqueArray(port, { maxLength: 40 }), (ports) => {
        const reservedPorts = ports.map((p): PortRange => [p, p]);
        const view = computeNatView(mape, reservedPorts);
        const baked = computeOverlayView(overlayInput({ config: { ...plainConfig, reservedPorts } })).baked;
        const kept = baked.find(({ name }) => name === 'KEPT')?.value ?? '';
        const run = runAsh(
          `. '${overlayFolder}/usr/lib/mape-image/nat.sh'
           mape_nat_pool '${view.ports.join(' ')}' '${kept}'; mape_nat_slots "$pool"; echo "$pool"; echo "$slots"; echo "$count"`,
          { root: overlayFolder },
        );
        expect(run.stdout.trimEnd().split('\n')).toEqual([
          view.pool.map((item) => item.ports).join(' '),
          view.slots.join(' '),
          String(view.slots.length),
        ]);
      }),
      { numRuns: 40 },
    );
  });

  it.runIf(namespace !== undefined).each(CASES)('is taken by nft: %s', (_, mape, reservedPorts) => {
    const view = computeOverlayView(overlayInput({ mape, config: { ...plainConfig, reservedPorts } }));
    expect(nftProblem(namespace ?? [], renderNft(view))).toBeUndefined();
  });

  it.each(CASES)(
    'has no range of one port, which nftables 1.0.2 of OpenWrt 22.03 refuses: %s',
    (_, mape, reservedPorts) => {
      const view = computeOverlayView(overlayInput({ mape, config: { ...plainConfig, reservedPorts } }));
      expect(renderNft(view)).not.toMatch(/\b([0-9]+)-\1\b/);
    },
  );

  it('uses nothing newer than nftables 1.0.2 of OpenWrt 22.03', () => {
    const text = fileText(renderOverlay(overlayInput()), NFT);
    // destroy 1.0.8, egress and netdev lists, `typeof` with intervals 1.0.3, comments on chains; `typeof numgen` is 1.0.2's
    for (const word of [
      'destroy ',
      'typeof ip',
      'typeof tcp',
      'typeof udp',
      'typeof th',
      'auto-merge',
      'comment ',
      'ct timeout',
      'meta hour',
    ])
      expect(text.replace(/^#.*$/gm, '')).not.toContain(word);
  });
});
