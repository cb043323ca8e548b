import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { describeArrival } from './cases/arrival.ts';
import { describeInbound, FORWARDS, RESERVED } from './cases/inbound.ts';
import { describeLeaks, describeNoLeaks } from './cases/leaks.ts';
import { describeLife } from './cases/life.ts';
import { describeMtu } from './cases/mtu.ts';
import { describePorts } from './cases/ports.ts';
import { type Lab, startLab } from './host/lab.ts';
import { findPrepared } from './host/prepared.ts';
import { OCN, V6PLUS, V6PLUS_MOVED } from './host/subscribers.ts';

const BOOT_MS = 400_000;
const prepared = findPrepared();
let started: Lab | undefined;

function lab(): Lab {
  if (started === undefined) throw new Error('the machine is not up');
  return started;
}

/** One machine for all tests, in the order they stand in: each network goes through one life. */
describe.runIf(prepared !== undefined)('a router on a real kernel', () => {
  beforeAll(async () => {
    if (prepared !== undefined) started = await startLab(prepared);
  }, BOOT_MS);
  afterAll(() => started?.stop());
  afterEach(async ({ task }) => {
    const transcript = started?.takeTranscript();
    if (task.result?.state === 'fail') console.error(transcript, await started?.readLogs());
  });

  it('boots', () => {
    expect(lab().machine.kernel).toMatch(/^[5-9]\./);
    console.log(`machine: Linux ${lab().machine.kernel}, ${lab().machine.accelerator}`);
  });

  describe('on a v6 Plus line with one /64 by router advertisement', () => {
    beforeAll(async () => {
      await lab().flash({
        render: ['--prefix', V6PLUS.prefix, '--line', 'ra', '--release', '24.10'],
        subscribers: [V6PLUS, V6PLUS_MOVED],
        routes: { [V6PLUS.prefix]: 'link', [V6PLUS_MOVED.prefix]: 'link' },
      });
      await lab().boot();
    }, BOOT_MS);

    describeArrival(lab);
    describePorts(lab, V6PLUS);
    describeLeaks(lab, V6PLUS);
    describeMtu(lab, V6PLUS);
    describeLife(lab);
    describeNoLeaks(lab);
  });

  describe('on an OCN line with a delegated /56, forwards and reserved ports', () => {
    beforeAll(async () => {
      await lab().flash({
        render: [
          ...['--prefix', OCN.prefix, '--line', 'pd', '--release', '24.10'],
          ...['--set', `forwards=${JSON.stringify(FORWARDS)}`],
          ...['--set', `reservedPorts=["${RESERVED.join('-')}"]`],
        ],
        subscribers: [OCN],
        routes: { [OCN.prefix]: 'via' },
      });
      await lab().boot();
    }, BOOT_MS);

    describeInbound(lab);
    describeNoLeaks(lab);
  });
});
