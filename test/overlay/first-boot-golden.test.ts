import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { fixturePath, readFixture } from '../support/fixtures.ts';
import { makeRouter, RELEASES, type Router } from './router.ts';
import { PLANS, seriesOf } from './stand-in/plans.ts';
import { hasTool } from './support.ts';

const busybox = hasTool('busybox');
const CONFIGS = ['network', 'dhcp', 'firewall', 'system', 'dropbear', 'wireless', 'my-app'];

let router: Router;
afterEach(() => router.remove());

// Written anew with UPDATE_GOLDEN=1, and then read line by line.
describe.runIf(busybox)('the configuration behind first boot', () => {
  it.each(
    RELEASES.flatMap((release) => (['ra', 'pd', 'both'] as const).map((plan) => [release, plan] as const)),
  )('%s, %s', (release, plan) => {
    router = makeRouter(release);
    router.flash({ ...PLANS[plan], series: seriesOf(release) });
    expect(router.boot()).toBe(0);
    const text = CONFIGS.map((name) => `package ${name}\n${router.read(`etc/config/${name}`)}`).join('\n');
    const name = `overlay/uci/${release}-${plan}.uci`;
    if (process.env.UPDATE_GOLDEN === '1') {
      mkdirSync(dirname(fixturePath(name)), { recursive: true });
      writeFileSync(fixturePath(name), text);
    }
    expect(text).toBe(readFixture(name));
  });
});
