import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { makeRouter, type Release, type Router } from './router.ts';
import { bootScript } from './stand-in/boot-script.ts';
import { PLANS, seriesOf } from './stand-in/plans.ts';
import { cutPower, type Scene } from './stand-in/power-cut.ts';
import { hasTool, PLAN_A, PLAN_B, plainConfig } from './support.ts';

const busybox = hasTool('busybox');
// Minutes instead of seconds: cuts of the runs behind a cut, too, and of those behind these.
const again = process.env.POWER_CUTS === 'all';
const TIMEOUT_MS = 1_200_000;

let router: Router;
afterEach(() => router.remove());

describe.runIf(busybox)('cutting power finds', () => {
  it.each([
    [
      'a rename before what it names is on flash',
      'sync && mv -f "$shadow.new" "$shadow"',
      'mv -f "$shadow.new" "$shadow"',
    ],
    [
      'a part remembered before it is done',
      '"$run" "$1" && mape_done',
      'mape_done "$1" "$name" && "$run" "$1" && :',
    ],
  ])('%s', (_, good, bad) => {
    router = makeRouter();
    router.flash({ config: { ...plainConfig, rootPasswordHash: '$6$salt$hash' } });
    const path = 'usr/lib/mape-image/first-boot-parts.sh';
    expect(router.read(path)).toContain(good);
    router.write(
      path,
      router.read(path).replace(good, () => bad),
    );
    const { root, bin } = router;
    expect(cutPower({ root, bin, ...firstBoot('v24.10.8') }, false).wrong).not.toEqual([]);
  });
});

function expectSameEnd(scene: Omit<Scene, 'root' | 'bin'>): void {
  const { root, bin } = router;
  const result = cutPower({ root, bin, ...scene }, again);
  console.log(
    `power cut at ${result.points} points, at ${result.laterPoints} of runs behind a cut; ${result.states} contents of flash booted from`,
  );
  expect(result.wrong).toEqual([]);
  expect(result.skipped).toEqual([]);
  expect(result.points).toBeGreaterThan(20);
}

const firstBoot = (release: Release) => ({
  script: bootScript(release, 'watch_point'),
  isDone: (etc: string) => !existsSync(join(etc, 'uci-defaults/99-mape')),
});

describe.runIf(busybox)('after a power cut at any point the next boots come to the same end', () => {
  it.each([
    ['an RA line', 'v24.10.8', 'ra'],
    ['a PD line', 'v25.12.5', 'pd'],
  ] as const)(
    '%s, all parts, %s',
    (_, release, plan) => {
      router = makeRouter(release);
      router.flash({ ...PLANS[plan], series: seriesOf(release) });
      expectSameEnd(firstBoot(release));
    },
    TIMEOUT_MS,
  );

  it(
    'a new plan on kept settings, with networks and forwards taken away',
    () => {
      router = makeRouter('v23.05.6');
      router.flash({ ...PLANS.ra, planId: PLAN_A, series: '23.05' });
      router.boot();
      const config = {
        ...PLANS.pd.config,
        hostname: 'other',
        wifi: {
          country: 'JP',
          networks: [{ ssid: 'one', encryption: 'none', band: '2g', hidden: false }],
        },
        forwards: [],
      } as const;
      router.upgrade({ ...PLANS.pd, config, planId: PLAN_B, series: '24.10' }, 'v24.10.8');
      expectSameEnd(firstBoot('v24.10.8'));
    },
    TIMEOUT_MS,
  );

  it(
    'radios that appear behind the first-boot script',
    () => {
      router = makeRouter('v22.03.7');
      router.flash({ ...PLANS.ra, series: '22.03' });
      router.write('wireless-later', router.read('etc/config/wireless'));
      router.write('etc/config/wireless', '');
      router.write('stand-in-bin/wifi', '#!/bin/sh\n', 0o755);
      const { script } = firstBoot('v22.03.7');
      // what 10-wifi-detect does, and the handler behind it
      const hotplug = `watch_point
cmp -s "$IPKG_INSTROOT/etc/config/wireless" /dev/null && cp "$IPKG_INSTROOT/wireless-later" "$IPKG_INSTROOT/etc/config/wireless"
watch_point
( ACTION=add; . "$IPKG_INSTROOT/etc/hotplug.d/ieee80211/90-mape-image" )
watch_point`;
      expectSameEnd({
        script: `[ ! -e "$IPKG_INSTROOT/etc/uci-defaults/99-mape" ] || (\n${script}\n)\n${hotplug}`,
        isDone: (etc) =>
          !existsSync(join(etc, 'uci-defaults/99-mape')) && !existsSync(join(etc, 'mape-image/wifi-wait')),
      });
    },
    TIMEOUT_MS,
  );
});
