import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { local } from '../template/physical.ts';

/** How a cluster is reached: what DescribeCluster says of it. */
export interface ClusterAccess {
  endpoint: string;
  /** PEM; undefined where the endpoint is plain HTTP */
  certificateAuthority?: string;
  version: string;
}

/**
 * EKS's DescribeCluster (REST JSON, `GET /clusters/{name}`) for the clusters of this host; everything else is refused.
 * The caller listens.
 */
export function createEksEndpoint(clusters: ReadonlyMap<string, ClusterAccess>): Server {
  return createServer((request, response) => answer(request, response, clusters));
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  clusters: ReadonlyMap<string, ClusterAccess>,
): void {
  const name = /^\/clusters\/([^/?]+)$/.exec(request.url ?? '')?.[1];
  if (request.method !== 'GET' || name === undefined) {
    return fail(response, 400, 'InvalidRequestException', 'only DescribeCluster is served here');
  }
  const access = clusters.get(decodeURIComponent(name));
  if (!access) return fail(response, 404, 'ResourceNotFoundException', `No cluster found for name: ${name}.`);
  const cluster = {
    name,
    arn: `arn:aws:eks:${local.region}:${local.account}:cluster/${name}`,
    status: 'ACTIVE',
    endpoint: access.endpoint,
    version: access.version,
    certificateAuthority: { data: Buffer.from(access.certificateAuthority ?? '').toString('base64') },
  };
  response.setHeader('content-type', 'application/json').end(JSON.stringify({ cluster }));
}

function fail(response: ServerResponse, status: number, type: string, message: string): void {
  response.statusCode = status;
  response.setHeader('content-type', 'application/json').setHeader('x-amzn-errortype', type);
  response.end(JSON.stringify({ message }));
}
