import * as z from 'zod';
import { Duration } from '../../lambdas/domain/duration.ts';
import type { HostClock } from './durable-clock.ts';
import { type GatewayResponse, gatewayMessage } from './gateway/http.ts';

/** The host's own routes, by `METHOD path`. */
export type Control = Map<string, (body: string) => Promise<GatewayResponse> | GatewayResponse>;

export interface ControlParts {
  clock: HostClock;
  /** what `/_local/status` shows */
  status: () => unknown;
  /** what `/` says to a person */
  welcome: () => string;
  /** takes the faults of the simulated cluster, as JSON; absent where the cluster is real */
  setFaults?: (body: string) => void;
}

const Advance = z.strictObject({ advance: Duration });

/** Time, state and a word of welcome: nothing that exists in the cloud. */
export function createControl({ clock, status, welcome, setFaults }: ControlParts): Control {
  const time = (): GatewayResponse =>
    json(200, { now: new Date(clock.clock.now()).toISOString(), offsetMilliseconds: clock.clock.offset });
  return new Map<string, (body: string) => Promise<GatewayResponse> | GatewayResponse>([
    [
      'GET /',
      () => ({ status: 200, headers: [['content-type', 'text/plain; charset=utf-8']], body: Buffer.from(welcome()) }),
    ],
    ['GET /_local/status', () => json(200, status())],
    ['GET /_local/clock', time],
    [
      'POST /_local/clock',
      async (body) => {
        const parsed = parse(Advance, body);
        if (!parsed.success) return gatewayMessage(400, z.prettifyError(parsed.error));
        await clock.advance(parsed.data.advance);
        return time();
      },
    ],
    ['POST /_local/faults', (body) => faults(setFaults, body)],
  ]);
}

function faults(setFaults: ControlParts['setFaults'], body: string): GatewayResponse {
  if (!setFaults) return gatewayMessage(501, 'the cluster is a real one: it has no faults to set');
  try {
    setFaults(body);
    return json(200, {});
  } catch (error) {
    return gatewayMessage(400, error instanceof Error ? error.message : String(error));
  }
}

export const json = (status: number, value: unknown): GatewayResponse => ({
  status,
  headers: [['content-type', 'application/json']],
  body: Buffer.from(`${JSON.stringify(value, null, 2)}\n`),
});

function parse<Shape extends z.ZodType>(shape: Shape, body: string): z.ZodSafeParseResult<z.infer<Shape>> {
  try {
    return shape.safeParse(JSON.parse(body));
  } catch {
    return shape.safeParse(undefined);
  }
}
