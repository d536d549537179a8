import type { Clock } from '../clock.ts';
import { InvocationRefused, type InvocationResult, type Invoke } from '../lambda/invocation.ts';
import type { RoutePart } from '../template/parts.ts';
import { toResponse } from './answer.ts';
import { splitUrl, toEvent } from './event.ts';
import { type GatewayRequest, type GatewayResponse, gatewayMessage } from './http.ts';
import { createRouteTable } from './route-table.ts';

/** docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html */
export const gatewayLimits = { bodyBytes: 10_000_000, headerBytes: 10_240 } as const;

export interface GatewayDeps {
  routes: readonly RoutePart[];
  invoke: Invoke;
  /** stamps requests */
  clock: Clock;
  /** measures the integration's time limit; never moved by hand */
  limitClock: Clock;
  newId: () => string;
}

/** The HTTP API without its transport. */
export type Gateway = (request: GatewayRequest) => Promise<GatewayResponse>;

/** Answers requests by the template's routes, with API Gateway's limits and its own answers to what no function answers. */
export function createGateway(deps: GatewayDeps): Gateway {
  const find = createRouteTable(deps.routes);

  async function answer(request: GatewayRequest, requestId: string): Promise<GatewayResponse> {
    if (headerBytes(request) > gatewayLimits.headerBytes) return gatewayMessage(431, 'Request Header Fields Too Large');
    if (request.body.length > gatewayLimits.bodyBytes) return gatewayMessage(413, 'Request Entity Too Large');
    const match = find(request.method, splitUrl(request.url).pathname);
    if (!match) return gatewayMessage(404, 'Not Found');
    const event = toEvent(request, match, { requestId, at: deps.clock.now() });
    const invocation = deps.invoke(match.route.functionArn, JSON.stringify(event));
    return withinTime(invocation.then(answerOf, refusalOf), match.route.timeoutMilliseconds, deps.limitClock);
  }

  return async (request) => {
    const requestId = deps.newId();
    const response = await answer(request, requestId);
    return { ...response, headers: [...response.headers, ['apigw-requestid', requestId]] };
  };
}

const answerOf = (result: InvocationResult): GatewayResponse =>
  'payload' in result ? toResponse(result.payload) : gatewayMessage(500, 'Internal Server Error');

function refusalOf(error: unknown): GatewayResponse {
  const name = error instanceof InvocationRefused ? error.name : undefined;
  if (name === 'RequestTooLargeException') return gatewayMessage(413, 'Request Entity Too Large');
  if (name === 'TooManyRequestsException') return gatewayMessage(503, 'Service Unavailable');
  return gatewayMessage(500, 'Internal Server Error');
}

async function withinTime(
  answering: Promise<GatewayResponse>,
  milliseconds: number,
  clock: Clock,
): Promise<GatewayResponse> {
  const late = Promise.withResolvers<GatewayResponse>();
  const stop = clock.after(milliseconds, () => late.resolve(gatewayMessage(503, 'Service Unavailable')));
  const response = await Promise.race([answering, late.promise]);
  stop();
  return response;
}

/** Request line and headers together, as the limit counts them. */
const headerBytes = ({ method, url, headers }: GatewayRequest): number =>
  headers.reduce((bytes, [name, value]) => bytes + name.length + value.length, method.length + url.length);
