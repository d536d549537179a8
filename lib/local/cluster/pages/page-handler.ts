import { readKinds } from '../controllers/kinds.ts';
import { asPod, type Container, type Pod } from '../controllers/pod-view.ts';
import type { Storage } from '../storage.ts';
import { type Cluster, hostOf, type Route, routeOf } from './route.ts';
import { factsOf, servingContainer, stagingOf } from './staging-facts.ts';
import { nothingHerePage, stagingPage, waitingPage } from './staging-page.ts';

export interface PageRequest {
  /** the Host header */
  host: string;
  /** path, with or without a query */
  path: string;
  /** the Accept header */
  accept?: string | undefined;
}

export interface PageResponse {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** Answers for the pods of all stagings, by host, through the simulated Ingress, Service and endpoints. */
export function pageHandler(storage: Storage): (request: PageRequest) => PageResponse {
  const cluster: Cluster = { storage, kinds: readKinds(storage) };
  let turn = 0;
  return ({ host, path, accept = '' }) => {
    turn += 1;
    return answer(
      cluster,
      { host: hostOf(host), path: path.split(/[?#]/)[0] || '/', wantsJson: prefersJson(accept) },
      turn,
    );
  };
}

interface Asked {
  host: string;
  path: string;
  wantsJson: boolean;
}

/** Whether JSON is asked for before HTML. */
function prefersJson(accept: string): boolean {
  const [json, html] = ['application/json', 'text/html'].map((type) => accept.indexOf(type));
  return json !== undefined && json >= 0 && (html === undefined || html < 0 || json < html);
}

function answer(cluster: Cluster, asked: Asked, turn: number): PageResponse {
  const route = routeOf(cluster, asked.host, asked.path);
  if (route === undefined) {
    return respond(asked, 404, { error: 'no staging answers here', host: asked.host }, () =>
      nothingHerePage(asked.host),
    );
  }
  const pod = route.ready[turn % Math.max(route.ready.length, 1)];
  const container = pod && servingContainer(pod);
  if (pod === undefined || container === undefined) return notReady(cluster, asked, route);
  if (isHealthPath(asked.path, container)) {
    return { status: 200, headers: headersFor('text/plain; charset=utf-8'), body: 'ok\n' };
  }
  const facts = factsOf(cluster, route, pod, container);
  return respond(asked, 200, facts, () => stagingPage(facts));
}

function notReady(cluster: Cluster, asked: Asked, route: Route): PageResponse {
  const staging = stagingOf(cluster, route.namespace);
  const problem = route.problem ?? 'its pod has no container';
  const pods = cluster.storage.list(cluster.kinds.pod, route.namespace).map((pod) => stateOf(asPod(pod)));
  const response = respond(asked, 503, { error: problem, staging, pods }, () => waitingPage(staging, problem, pods));
  return { ...response, headers: { ...response.headers, 'retry-after': '1' } };
}

/** `web-7d4b9-x2x5p: ImagePullBackOff` */
function stateOf({ metadata, status }: Pod): string {
  const waiting = status.containerStatuses.map(({ state }) => state.waiting?.reason).find((reason) => reason);
  return `${metadata.name}: ${waiting ?? status.phase}`;
}

const healthPaths = new Set(['/healthz', '/livez', '/readyz', '/health']);

const isHealthPath = (path: string, { readinessProbe }: Container): boolean =>
  healthPaths.has(path) || (path !== '/' && path === readinessProbe?.httpGet?.path);

const headersFor = (type: string): Record<string, string> => ({
  'content-type': type,
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
  'x-content-type-options': 'nosniff',
});

function respond({ wantsJson }: Asked, status: number, facts: object, page: () => string): PageResponse {
  return wantsJson
    ? { status, headers: headersFor('application/json'), body: `${JSON.stringify(facts, null, 2)}\n` }
    : { status, headers: headersFor('text/html; charset=utf-8'), body: page() };
}
