import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Channel, Place } from './channel.ts';
import { echoReplyIds, echoRequest, ipv4Sockaddr } from './packets.ts';

/** An address of the server's, and the port its programs answer on. */
export const SERVER = '198.51.100.1';
export const PORT = 7000;

const nothing = z.object({});
const tcpSchema = z.object({
  opened: z.number(),
  /** Source ports and addresses as the far end saw them. */
  ports: z.array(z.number()),
  addresses: z.array(z.string()),
  /** Counted from 1; 0 where none failed. */
  firstFailure: z.number(),
  /** Other than silence. */
  errors: z.array(z.string()),
});
const udpSchema = z.object({
  /** Source ports as the far ends saw them, a list for each socket; null where nothing came back. */
  ports: z.array(z.array(z.number().nullable())),
  /** Bytes of what arrived at the far end. */
  sizes: z.array(z.number()),
  addresses: z.array(z.string()),
  lost: z.number(),
});

type Question = Readonly<Record<string, unknown>>;

/** Connections and packets between the namespaces; `traffic.mjs` has the words of each question. */
export function makeTraffic({ ask, run, shAtHome }: Channel) {
  const tcp = (place: Place, question: Question = {}) =>
    ask(tcpSchema, place, { do: 'tcp', hosts: [SERVER], port: PORT, count: 1, ...question });
  const release = (place: Place) => ask(nothing, place, { do: 'release' });

  /** End what is kept at the client and forget every connection the router knows. */
  async function forget(): Promise<void> {
    await release('client');
    await run('router', 'conntrack -F 2>/dev/null');
  }

  return {
    tcp,
    release,
    forget,

    udp: (place: Place, question: Question = {}) =>
      ask(udpSchema, place, { do: 'udp', hosts: [SERVER], port: PORT, sockets: 1, ...question }),

    /** How many of the connections that are kept still carry bytes. */
    alive: (place: Place) => ask(z.object({ alive: z.number(), of: z.number() }), place, { do: 'alive' }),

    download: (place: Place, bytes: number) =>
      ask(z.object({ received: z.number() }), place, { do: 'download', host: SERVER, port: PORT, bytes }),

    /** Answer TCP and UDP on a port of every address. */
    serve: (place: Place, port: number) => ask(nothing, place, { do: 'serve', port }),

    /** Send UDP from ever new sockets until `calm`. */
    flood: (place: Place) => ask(nothing, place, { do: 'flood', host: SERVER, port: 9000 }),
    calm: (place: Place) => ask(z.object({ sent: z.number() }), place, { do: 'calm' }),

    /** Send one packet of an IP protocol; a firewall that refuses it is an answer, too. */
    sendProtocol: (place: Place, protocol: number) =>
      shAtHome(raw([4, protocol, '-', ipv4Sockaddr(SERVER), '00'.repeat(8)]), place),

    /** Ping with ids of one's choice; those that were answered. */
    async ping(place: Place, address: string, ids: readonly number[]): Promise<readonly number[]> {
      const pings = ids.map((id) => `${raw([4, 1, '-', ipv4Sockaddr(address), echoRequest(id), 2])} &`);
      const replied = new Set(echoReplyIds(await shAtHome(`${pings.join('\n')}\nwait`, place)));
      return ids.filter((id) => replied.has(id));
    },

    /**
     * Wait until the first connection passes. The tunnel's own address is usable a little later than its device; until
     * then the kernel answers "host unreachable" at once.
     */
    async untilCarries(): Promise<void> {
      for (let tries = 0; tries < 100; tries += 1) {
        if ((await tcp('client', { timeoutMs: 3000 })).opened === 1) return forget();
        await sleep(300);
      }
      throw new Error('no connection passes');
    },
  };
}

/** The command that sends a packet of these words. */
export function raw(words: readonly (string | number)[]): string {
  return `perl /lab/raw.pl ${words.join(' ')}`;
}
