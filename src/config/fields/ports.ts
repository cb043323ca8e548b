import type { PortRange } from '../../mape/parameters.ts';
import type { Forward, TransportProto } from '../config.ts';
import type { Outcome, Problem } from '../problem.ts';
import { checkIpv4Host } from './address.ts';

const BAD_PORTS: Problem = {
  code: 'CONFIG_BAD_PORTS',
  wanted: 'a port from 1 to 65535 or an ascending range',
  hint: 'write 443, or a range as "5138-5140"',
};

/** Read a port, or a range `5138-5140` that ascends. */
export function parsePorts(value: string | number): Outcome<PortRange> {
  const match = /^([1-9][0-9]{0,4})(?:-([1-9][0-9]{0,4}))?$/.exec(String(value));
  const first = Number(match?.[1] ?? 0);
  const last = Number(match?.[2] ?? first);
  if (first < 1 || last > 65535 || last < first) return { problem: BAD_PORTS };
  return { value: [first, last] };
}

export interface ForwardInput {
  readonly name?: string | undefined;
  readonly proto: TransportProto;
  readonly port: PortRange;
  readonly host: string;
  readonly hostPort?: PortRange | undefined;
}

/** Fill in what a forward may leave out: the same ports at the host, a name of protocol and first port (`tcp-5136`). */
export function completeForward(input: ForwardInput): Outcome<Forward> {
  const { proto, port, host, hostPort = port } = input;
  const count = port[1] - port[0] + 1;
  const hostCount = hostPort[1] - hostPort[0] + 1;
  if (count !== hostCount)
    return {
      problem: {
        code: 'CONFIG_FORWARD_COUNT',
        wanted: `as many ports at the host (${hostCount}) as outside (${count})`,
        hint: 'give both sides ranges of one length, or leave out the ports of the host',
        details: { count, hostCount },
      },
    };
  const name = input.name ?? `${proto === 'tcp+udp' ? 'tcpudp' : proto}-${port[0]}`;
  return { value: { name, proto, port, host, hostPort } };
}

/** Read a forward in one line: `tcp 5136 -> 192.168.1.10:443`, `tcp+udp 5136-5140 -> 192.168.1.10`. */
export function parseForwardText(text: string): Outcome<Forward> {
  const match = /^(tcp|udp|tcp\+udp) +([0-9-]{1,11}) *-> *([0-9.]{7,15})(?::([0-9-]{1,11}))?$/.exec(text);
  const [, proto, portText, host, hostPortText] = match ?? [];
  if (!isTransportProto(proto) || portText === undefined || host === undefined)
    return {
      problem: {
        code: 'CONFIG_BAD_FORWARD',
        wanted: 'a forward as "tcp 5136 -> 192.168.1.10:443"',
        hint: 'write protocol (tcp, udp or tcp+udp), port, ->, host of the LAN, and :port where it differs there',
      },
    };
  const hostProblem = checkIpv4Host(host);
  if (hostProblem !== undefined) return { problem: hostProblem };
  const port = parsePorts(portText);
  if ('problem' in port) return port;
  if (hostPortText === undefined) return completeForward({ proto, port: port.value, host });
  const hostPort = parsePorts(hostPortText);
  if ('problem' in hostPort) return hostPort;
  return completeForward({ proto, port: port.value, host, hostPort: hostPort.value });
}

function isTransportProto(text: string | undefined): text is TransportProto {
  return text === 'tcp' || text === 'udp' || text === 'tcp+udp';
}

/** Name of an opening or a forward: it becomes the name of a UCI section and of a firewall rule. */
export function checkRuleName(value: string): Problem | undefined {
  if (/^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/.test(value)) return undefined;
  return {
    code: 'CONFIG_BAD_NAME',
    wanted: 'a name of up to 32 letters, digits, - and _',
    hint: 'take a short name such as web',
  };
}

/** The form in which two names are one: UCI sections know no hyphen. */
export function foldRuleName(name: string): string {
  return name.toLowerCase().replaceAll('-', '_');
}
