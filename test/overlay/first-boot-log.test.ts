import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { makeRouter, type Router } from './router.ts';
import { everything, PD, PLANS } from './stand-in/plans.ts';
import { hasTool, mapeOf, plainConfig, SYNTHETIC } from './support.ts';

const busybox = hasTool('busybox');
const FIRST = '5f1c9a3e7b20d48c61e5f0a97d3b8246c5e1f7093a8bd264e7105c9f3b6a8d21';
const SECOND = 'c8047be25d91f36a0be4d7c2581f9ea3706db41c9258ef03ad6b7c1e4f8205d9';

/** The blocks of the manual, in order. */
const blocks = [
  ...readFileSync(join(import.meta.dirname, '../../docs/first-boot.md'), 'utf8').matchAll(
    /^```text\n([\s\S]*?)^```$/gm,
  ),
].map(([, text]) => text);

let router: Router;
afterEach(() => router.remove());
const log = () => router.read('etc/mape-image/first-boot.log');

describe.runIf(busybox)('the manual shows what the router writes', () => {
  it('at a good first boot, and when a second plan comes', () => {
    router = makeRouter();
    router.flash({ ...PLANS.ra, planId: FIRST });
    router.boot();
    const good = log();
    expect(good).toBe(blocks[0]);
    const config = { ...everything(5408), hostname: 'gate2' };
    router.upgrade({ mape: mapeOf(SYNTHETIC.ocn), line: PD, config, planId: SECOND });
    router.boot();
    expect(log().slice(good.length)).toBe(blocks[3]);
  });

  it('where a part fails three times', () => {
    router = makeRouter();
    router.flash({
      config: {
        ...plainConfig,
        uci: [{ config: 'firewall', section: 'nothing', option: 'here', value: '1' }],
      },
      planId: FIRST,
    });
    for (const code of [1, 1, 0]) expect(router.boot()).toBe(code);
    expect(log()).toBe(blocks[1]);
  });

  it('where the line itself cannot be set up', () => {
    router = makeRouter();
    router.flash({ planId: FIRST });
    router.write('etc/config/firewall', "config zone\n\toption name 'lan'\n\tlist network 'lan'\n");
    expect(router.boot()).toBe(1);
    expect(log()).toBe(blocks[2]);
  });

  it('where radios come late, and where one never comes', () => {
    router = makeRouter();
    router.flash({ ...PLANS.ra, planId: FIRST });
    router.write('etc/config/wireless', '');
    router.boot();
    const early = log();
    expect(early).toContain(blocks[4]);
    const hotplug = 'ACTION=add; . "$IPKG_INSTROOT/etc/hotplug.d/ieee80211/90-mape-image"';
    for (let event = 0; event < 10; event += 1) router.run(hotplug);
    expect(log().slice(early.length)).toBe(blocks[5]);
  });
});
