import { describe, expect, it } from 'vitest';
import { CLIENT, DEVICE, HOSTS, type Lab, ROUTER_LAN } from '../../bench/nat/lab.mjs';
import type { PortRange } from '../../src/mape/parameters.ts';
import { canRun, V6PLUS, withRouter } from './support.ts';

const [HOST = ''] = HOSTS;
const RESERVED: PortRange = [6016, 6020];
const PORT = 6018;
const INSIDE = 7000;

/** What fw4 makes of `forward: tcp 6018 -> 192.168.1.100:7000`, reflection included. */
function forward(lab: Lab): Promise<void> {
  const to = `dnat ip to ${CLIENT}:${INSIDE}`;
  return lab.nft(
    'router',
    `table inet fw4 {
      chain dstnat {
        type nat hook prerouting priority -100;
        iifname "${DEVICE}" tcp dport ${PORT} ${to}
        iifname "${DEVICE}" udp dport ${PORT} ${to}
        iifname "lan0" ip daddr ${V6PLUS.ipv4Address} tcp dport ${PORT} ${to}
      }
      chain reflect {
        type nat hook postrouting priority 100;
        oifname "lan0" ip daddr ${CLIENT} tcp dport ${INSIDE} snat ip to ${ROUTER_LAN}
      }
    }`,
  );
}

describe.runIf(canRun)('a server behind the router', () => {
  it('answers on its kept port from outside and from the LAN, with every other port held', async () => {
    await withRouter(
      V6PLUS,
      async (lab) => {
        await forward(lab);
        const held = lab.load('client', 'serving', { address: CLIENT, host: HOST, count: 235, seconds: 4 });
        await lab.shell('router', waitFor(235));
        for (const protocol of ['tcp', 'udp']) {
          const inbound = await lab.load('server', 'held', {
            protocol,
            host: V6PLUS.ipv4Address,
            count: 20,
            port: PORT,
          });
          expect(inbound.opened, protocol).toBe(20);
        }
        const hairpin = await lab.load('client', 'held', {
          protocol: 'tcp',
          host: V6PLUS.ipv4Address,
          count: 20,
          port: PORT,
        });
        expect(hairpin.opened).toBe(20);
        expect(await held).toEqual({ opened: 235, survived: 235 });
        expect(await lab.wrong()).toBe(0);
      },
      { reserved: [RESERVED] },
    );
  });
});

/** Until the router knows so many connections to the server. */
function waitFor(count: number): string {
  return `for try in $(seq 200); do
    [ "$(grep -c 'dst=${HOST} .*ESTABLISHED\\|ESTABLISHED .*dst=${HOST} ' /proc/net/nf_conntrack)" -ge ${count} ] && exit 0
    sleep 0.02
  done; exit 1`;
}
