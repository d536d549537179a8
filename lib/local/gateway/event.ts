import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { local } from '../template/physical.ts';
import type { GatewayRequest } from './http.ts';
import { decode, type RouteMatch } from './route-table.ts';

/** What the gateway adds to a request of its own. */
export interface Received {
  requestId: string;
  /** milliseconds since 1970, by the host's clock */
  at: number;
}

type Event = Omit<APIGatewayProxyEventV2, 'requestContext'> & {
  requestContext: APIGatewayProxyEventV2['requestContext'] & { authorizer?: { iam: Record<string, string | null> } };
};

/** Media types whose body is passed on as text; everything else, and a missing type, comes in base64. */
const isText = /^(text\/|application\/(json|javascript|xml)\s*(;|$))/i;

/** How a caller on this machine is known on routes that ask for a signature in the cloud. */
const localCaller = {
  accessKey: 'local',
  accountId: local.account,
  callerId: 'local',
  principalOrgId: null,
  userArn: 'local',
  userId: 'local',
};

/** Builds the event of payload format 2.0, docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html */
export function toEvent(request: GatewayRequest, { route, pathParameters }: RouteMatch, received: Received): Event {
  const { pathname, query } = splitUrl(request.url);
  const headers = joinHeaders(request.headers);
  const { cookie, ...others } = headers;
  const rawPath = pathname.split('/').map(decode).join('/');
  const asText = isText.test(headers['content-type'] ?? '');
  const parameters = joinQuery(query);
  return {
    version: '2.0',
    routeKey: route.routeKey,
    rawPath,
    rawQueryString: query,
    ...(cookie === undefined ? {} : { cookies: cookie.split(/;\s*/) }),
    headers: others,
    ...(Object.keys(parameters).length > 0 ? { queryStringParameters: parameters } : {}),
    ...(Object.keys(pathParameters).length > 0 ? { pathParameters } : {}),
    requestContext: {
      accountId: local.account,
      apiId: 'local',
      ...(route.authorization === 'AWS_IAM' ? { authorizer: { iam: localCaller } } : {}),
      domainName: headers['host'] ?? 'localhost',
      domainPrefix: (headers['host'] ?? 'localhost').split(/[.:]/)[0] ?? '',
      http: {
        method: request.method,
        path: rawPath,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: request.sourceIp,
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: received.requestId,
      routeKey: route.routeKey,
      stage: '$default',
      time: commonLogTime(new Date(received.at)),
      timeEpoch: received.at,
    },
    ...(request.body.length > 0 ? { body: request.body.toString(asText ? 'utf8' : 'base64') } : {}),
    isBase64Encoded: request.body.length > 0 && !asText,
  };
}

/** Path and query of a request target, still encoded, the query without its question mark. */
export function splitUrl(url: string): { pathname: string; query: string } {
  const at = url.indexOf('?');
  return at < 0 ? { pathname: url, query: '' } : { pathname: url.slice(0, at), query: url.slice(at + 1) };
}

/** Lower-cases names; a header that comes more than once is joined with commas, cookies with semicolons. */
export function joinHeaders(headers: GatewayRequest['headers']): Record<string, string> {
  const joined: Record<string, string> = {};
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    const before = joined[key];
    joined[key] = before === undefined ? value : `${before}${key === 'cookie' ? '; ' : ','}${value}`;
  }
  return joined;
}

function joinQuery(query: string): Record<string, string> {
  const joined: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(query)) {
    joined[name] = name in joined ? `${joined[name]},${value}` : value;
  }
  return joined;
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `12/Mar/2020:19:03:58 +0000` */
function commonLogTime(at: Date): string {
  const [date = '', time = ''] = at.toISOString().split('T');
  const [year, , day] = date.split('-');
  return `${day}/${months[at.getUTCMonth()]}/${year}:${time.slice(0, 8)} +0000`;
}
