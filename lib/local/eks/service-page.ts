import { once } from 'node:events';
import { request as ask, type IncomingMessage, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import * as z from 'zod';
import { namespaceOf } from '../../../lambdas/domain/names.ts';
import { gatewayMessage } from '../gateway/http.ts';
import { type Listener, sendResponse } from '../gateway/server.ts';

const Backend = z.object({
  service: z.object({ name: z.string(), port: z.object({ name: z.string().optional(), number: z.int().optional() }) }),
});
const Ingresses = z.object({
  items: z.array(
    z.object({
      spec: z.object({
        rules: z
          .array(
            z.object({
              host: z.string().optional(),
              http: z
                .object({ paths: z.array(z.object({ path: z.string().default('/'), backend: Backend })) })
                .optional(),
            }),
          )
          .default([]),
      }),
    }),
  ),
});
type Backend = z.infer<typeof Backend>;

/**
 * Answers for stagings on a real cluster: by the Ingress of the staging, through the API server's proxy to its Service, so
 * that a staging has its address here whatever ingress controller the cluster has, or none. `proxyUrl` is `kubectl proxy`.
 * Where a cluster enforces network policies against its own API server, this door stays shut.
 */
export const servicePage =
  (proxyUrl: string): Listener =>
  (request, response) => {
    passOn(proxyUrl, request, response).catch(() => {
      if (response.headersSent) response.destroy();
      else sendResponse(response, gatewayMessage(502, 'the cluster does not answer'));
    });
  };

async function passOn(proxyUrl: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const host = (request.headers.host ?? '').replace(/:\d+$/, '');
  const path = request.url ?? '/';
  const namespace = namespaceOf(host.split('.')[0] ?? '');
  const backend = await findBackend(proxyUrl, namespace, host, path);
  if (!backend) return sendResponse(response, gatewayMessage(404, `no Ingress in ${namespace} is for ${host}`));
  const { name, port } = backend.service;
  const service = `${name}:${port.name ?? port.number}`;
  const url = `${proxyUrl}/api/v1/namespaces/${namespace}/services/${service}/proxy${path}`;
  // No upgrades here: asked for one, the product is to say what it has without. `kubectl proxy` takes loopback names only.
  const { upgrade: _upgrade, connection: _connection, ...headers } = request.headers;
  const passed = ask(url, { method: request.method, headers: { ...headers, host: '127.0.0.1' } });
  response.once('close', () => passed.destroy());
  request.pipe(passed);
  const [answer]: IncomingMessage[] = await once(passed, 'response');
  if (!answer) throw new Error('no answer');
  response.writeHead(answer.statusCode ?? 502, answer.headers);
  await pipeline(answer, response);
}

async function findBackend(
  proxyUrl: string,
  namespace: string,
  host: string,
  path: string,
): Promise<Backend | undefined> {
  const response = await fetch(`${proxyUrl}/apis/networking.k8s.io/v1/namespaces/${namespace}/ingresses`);
  const { items } = Ingresses.parse(await response.json());
  const rules = items.flatMap(({ spec }) => spec.rules).filter((rule) => rule.host === host);
  const matching = rules.flatMap((rule) => rule.http?.paths ?? []).filter((one) => path.startsWith(one.path));
  return matching.toSorted((left, right) => right.path.length - left.path.length)[0]?.backend;
}
