import type { IncomingMessage } from 'node:http';
import { type ClusterAccess, describeCluster } from './eks/describe-cluster.ts';
import type { GatewayResponse } from './gateway/http.ts';
import { type Listener, type LoopbackServer, listenOnLoopback, readRequest, sendResponse } from './gateway/server.ts';

/** A service that speaks one of AWS's JSON protocols: told apart by the X-Amz-Target header. */
export type JsonService = (request: { target: string | undefined; body: string }) => Promise<{
  status: number;
  body: string;
}>;

export interface ServiceEndpointParts {
  /** by the part of X-Amz-Target before the point, such as `AWSStepFunctions` */
  services: ReadonlyMap<string, JsonService>;
  clusters: ReadonlyMap<string, ClusterAccess>;
}

/** The AWS services that the functions' own SDK clients talk to, but for the table: all behind one loopback port. */
export const listenForServices = (parts: ServiceEndpointParts): Promise<LoopbackServer> =>
  listenOnLoopback(serviceListener(parts), { port: 0 });

const serviceListener =
  (parts: ServiceEndpointParts): Listener =>
  (request, response) => {
    answer(parts, request).then(
      (answered) => sendResponse(response, answered),
      () => response.destroy(),
    );
  };

async function answer(
  { services, clusters }: ServiceEndpointParts,
  request: IncomingMessage,
): Promise<GatewayResponse> {
  const target = String(request.headers['x-amz-target'] ?? '');
  const service = services.get(target.split('.')[0] ?? '');
  if (!service) return describeCluster(clusters, request.method, request.url);
  const { body } = await readRequest(request);
  const { status, body: text } = await service({ target, body: body.toString('utf8') });
  return { status, headers: [['content-type', 'application/x-amz-json-1.0']], body: Buffer.from(text) };
}
