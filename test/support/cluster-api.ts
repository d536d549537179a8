import type { ApiResponse } from '../../lib/local/cluster/api/request.ts';
import {
  createSimulatedCluster,
  type SimulatedCluster,
  type SimulatedClusterOptions,
} from '../../lib/local/cluster/server.ts';
import { createManualClock } from './manual-clock.ts';
import { type Loose, seededRandom } from './simulated-cluster.ts';

const token = 'k8s-aws-v1.test';

export interface CallOptions {
  method?: string;
  body?: unknown;
  type?: string;
  headers?: Record<string, string>;
}

/** A Kubernetes API in this process, without sockets, on a clock that the test moves. */
export async function clusterApi(options: Partial<SimulatedClusterOptions> = {}) {
  const clock = createManualClock();
  const cluster = await createSimulatedCluster({ clock, random: seededRandom(), ...options });
  return { clock, cluster, ...callsOf(cluster) };
}

export function callsOf(cluster: Pick<SimulatedCluster, 'handle'>) {
  const request = (url: string, { method = 'GET', body, type = 'application/json', headers = {} }: CallOptions = {}) =>
    cluster.handle({
      method,
      url,
      headers: { authorization: `Bearer ${token}`, 'content-type': type, 'user-agent': 'test/1', ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });

  /** Status and parsed body. */
  const call = async (url: string, options: CallOptions = {}): Promise<{ status: number; body: Loose }> => {
    const { status, body } = await request(url, options);
    return { status, body: typeof body === 'string' ? JSON.parse(body) : undefined };
  };

  /** Server-side apply of an object, to the path it belongs under. */
  const apply = (path: string, object: object, manager = 'berth', query = '') =>
    call(`${path}?fieldManager=${manager}${query}`, {
      method: 'PATCH',
      type: 'application/apply-patch+yaml',
      body: object,
    });

  const create = (path: string, object: object) => call(path, { method: 'POST', body: object });

  /** Opens a watch; `events` grows as they come. */
  const watch = async (url: string) => {
    const response = await request(url);
    return { response, ...openStream(response) };
  };
  return { request, call, apply, create, watch };
}

function openStream({ body }: ApiResponse) {
  const events: Loose[] = [];
  let isEnded = false;
  const take = (text: string): void => {
    for (const line of text.split('\n')) if (line !== '') events.push(JSON.parse(line));
  };
  if (typeof body === 'string') {
    take(body);
    return { events, stop: () => {}, hasEnded: () => true };
  }
  const end = (): void => {
    isEnded = true;
  };
  return { events, stop: body({ write: take, end, cut: end }), hasEnded: () => isEnded };
}

export const namespace = (
  name: string,
  labels: Record<string, string> = {},
  annotations: Record<string, string> = {},
) => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels, annotations },
});

export const configMap = (name: string, data: Record<string, string> = {}, labels: Record<string, string> = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, labels },
  data,
});

export const deployment = (name: string, image = 'web:1', more: object = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name: 'web', image, ports: [{ containerPort: 80 }] }] },
    },
    ...more,
  },
});

export const pod = (name: string, spec: object = {}, container: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: { containers: [{ name: 'web', image: 'web:1', ...container }], ...spec },
});
