import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Gateway } from './gateway.ts';
import { type GatewayResponse, gatewayMessage } from './http.ts';
import { type Listener, readRequest, sendResponse } from './server.ts';

export interface FrontDoor {
  /** stagings are one label under it, such as `staging.localhost` */
  baseDomain: string;
  gateway: Gateway;
  /** Answers for a staging's host. */
  page: Listener;
  /** The host's own routes, by `METHOD path`. */
  control: ReadonlyMap<string, (body: string) => Promise<GatewayResponse> | GatewayResponse>;
  log: (line: string) => void;
}

/**
 * One port for all: a staging's host name goes to its page, `/` and `/_local/…` to the host, the rest to the gateway. Since
 * nothing here asks who calls, it refuses what a web page of elsewhere makes a browser send.
 */
export function createFrontDoor(door: FrontDoor): Listener {
  return (request, response) => {
    const host = hostName(request.headers.host);
    if (host.endsWith(`.${door.baseDomain}`)) return door.page(request, response);
    answer(door, request, host)
      .catch((error: unknown) => {
        door.log(`${request.method} ${request.url} failed: ${String(error)}`);
        return gatewayMessage(500, 'Internal Server Error');
      })
      .then(
        (answered) => sendResponse(response, answered),
        () => response.destroy(),
      );
  };
}

async function answer(door: FrontDoor, request: IncomingMessage, host: string): Promise<GatewayResponse> {
  const { origin } = request.headers;
  if (!isLocal(host)) return gatewayMessage(403, `this host answers on loopback names, not on "${host}"`);
  if (origin !== undefined && !isLocal(hostName(URL.parse(origin)?.host ?? origin))) {
    return gatewayMessage(403, `requests of ${origin} are refused`);
  }
  const received = await readRequest(request);
  const control = door.control.get(`${received.method} ${received.url}`);
  return control ? control(received.body.toString('utf8')) : door.gateway(received);
}

/** A Host header without its port. */
const hostName = (header: string | undefined): string => (header ?? 'localhost').replace(/:\d+$/, '').toLowerCase();

const isLocal = (host: string): boolean =>
  ['localhost', '127.0.0.1', '[::1]'].includes(host) || host.endsWith('.localhost');

/** Answers until the host is ready. */
export function sayStarting(_request: IncomingMessage, response: ServerResponse): void {
  sendResponse(response, gatewayMessage(503, 'starting'));
}
