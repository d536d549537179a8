import { type GatewayResponse } from '../gateway/http.ts';
import { local } from '../template/physical.ts';

/** How a cluster is reached: what DescribeCluster says of it. */
export interface ClusterAccess {
  endpoint: string;
  /** PEM; undefined where the endpoint is plain HTTP */
  certificateAuthority?: string;
  version: string;
}

/** Answers EKS's DescribeCluster (REST JSON, `GET /clusters/{name}`) for the clusters of this host, and refuses all else. */
export function describeCluster(
  clusters: ReadonlyMap<string, ClusterAccess>,
  method: string | undefined,
  path: string | undefined,
): GatewayResponse {
  const name = /^\/clusters\/([^/?]+)$/.exec(path ?? '')?.[1];
  if (method !== 'GET' || name === undefined) {
    return failure(400, 'InvalidRequestException', `${method} ${path} is not served here`);
  }
  const access = clusters.get(decodeURIComponent(name));
  if (!access) return failure(404, 'ResourceNotFoundException', `No cluster found for name: ${name}.`);
  const cluster = {
    name,
    arn: `arn:aws:eks:${local.region}:${local.account}:cluster/${name}`,
    status: 'ACTIVE',
    endpoint: access.endpoint,
    version: access.version,
    certificateAuthority: { data: Buffer.from(access.certificateAuthority ?? '').toString('base64') },
  };
  return {
    status: 200,
    headers: [['content-type', 'application/json']],
    body: Buffer.from(JSON.stringify({ cluster })),
  };
}

const failure = (status: number, type: string, message: string): GatewayResponse => ({
  status,
  headers: [
    ['content-type', 'application/json'],
    ['x-amzn-errortype', type],
  ],
  body: Buffer.from(JSON.stringify({ message })),
});
