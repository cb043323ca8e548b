import { z } from 'zod';
import type { Machine } from './machine.ts';

export type Place = 'client' | 'router' | 'access' | 'relay' | 'server';

const ranSchema = z.object({ code: z.number(), stdout: z.string(), stderr: z.string() });
const nothing = z.object({});
const countersSchema = z.object({
  nftables: z.array(z.object({ counter: z.object({ name: z.string(), packets: z.number() }).optional() })),
});

export type Ran = z.infer<typeof ranSchema>;
export interface RunOptions {
  readonly timeoutMs?: number;
}
export type Channel = ReturnType<typeof makeChannel>;

/** What can be asked of the agent in the machine; everything is written down, for a test that fails. */
export function makeChannel(machine: Machine) {
  const transcript: string[] = [];

  async function request<T>(schema: z.ZodType<T>, question: Readonly<Record<string, unknown>>): Promise<T> {
    const answer = await machine.ask(question);
    const asked = question.base64 === undefined ? question : { file: question.file };
    transcript.push(`${JSON.stringify(asked)}\n  -> ${JSON.stringify(answer).slice(0, 4000)}`);
    if (answer.error !== undefined) throw new Error(String(answer.error));
    return schema.parse(answer);
  }

  /** Run an ash script in a namespace; the router's runs in its own root. */
  function run(place: Place, script: string, { timeoutMs = 60_000 }: RunOptions = {}): Promise<Ran> {
    const root = place === 'router' ? { root: '/routers/one' } : {};
    return request(ranSchema, { ns: place, ...root, script, timeoutMs });
  }

  /** Run a script that has to succeed; what it printed. */
  async function sh(place: Place, script: string, options: RunOptions = {}): Promise<string> {
    return printed(`${place}: ${script}`, await run(place, script, options));
  }

  return {
    run,
    sh,

    /** What was asked and answered since the last call. */
    takeTranscript: () => transcript.splice(0).join('\n'),

    /** Run a script that has to succeed in a namespace, or in none, but in the machine's own root. */
    async shAtHome(script: string, place?: Place): Promise<string> {
      const where = place === undefined ? {} : { ns: place };
      return printed(script, await request(ranSchema, { ...where, script, timeoutMs: 60_000 }));
    },

    /** Ask the traffic program of a namespace. */
    ask: <T>(schema: z.ZodType<T>, place: Place, question: Readonly<Record<string, unknown>>) =>
      request(schema, { ns: place, ask: question }),

    /** End the traffic programs of all namespaces. */
    retire: () => request(nothing, { retire: true }),

    writeFile: (path: string, bytes: Uint8Array) =>
      request(nothing, { file: path, base64: Buffer.from(bytes).toString('base64'), mode: 0o644 }),

    /** Wait until a script succeeds; the time it may take is generous, so that a slow host changes nothing. */
    until: (place: Place, script: string) =>
      sh(place, `i=0; until ${script}; do i=$((i + 1)); [ $i -lt 200 ] || exit 1; sleep 0.2; done`, {
        timeoutMs: 160_000,
      }),

    /** Packets by the named counters of an nft table. */
    async counters(place: Place, table: string): Promise<Readonly<Record<string, number>>> {
      const text = await sh(place, `nft -j list counters table ${table}`);
      const found = countersSchema.parse(JSON.parse(text)).nftables.flatMap(({ counter }) => counter ?? []);
      return Object.fromEntries(found.map(({ name, packets }) => [name, packets]));
    },
  };
}

function printed(what: string, { code, stdout, stderr }: Ran): string {
  if (code !== 0) throw new Error(`${what}\nended with ${code}: ${stderr}${stdout}`);
  return stdout.trim();
}
