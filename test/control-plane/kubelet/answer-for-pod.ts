import type { IncomingMessage, ServerResponse } from 'node:http';
import { readKinds } from '../../../lib/local/cluster/controllers/kinds.ts';
import { asPod, isReady, type Pod } from '../../../lib/local/cluster/controllers/pod-view.ts';
import { factsOf, servingContainer } from '../../../lib/local/cluster/pages/staging-facts.ts';
import { stagingPage } from '../../../lib/local/cluster/pages/staging-page.ts';
import type { Storage } from '../../../lib/local/cluster/storage.ts';

const serviceName = 'kubernetes.io/service-name';

/** The Service whose endpoints a pod is among, and the ready pods of it. */
function behind(storage: Storage, pod: Pod): { service: string; ready: Pod[] } {
  const kinds = readKinds(storage);
  const { namespace, name } = pod.metadata;
  const named = (slice: object): string[] =>
    ((Object(slice).endpoints ?? []) as { targetRef?: { name: string } }[]).flatMap(
      ({ targetRef }) => targetRef?.name ?? [],
    );
  const slice = storage.list(kinds.endpointSlice, namespace).find((one) => named(one).includes(name));
  const others = new Set(slice ? named(slice) : [name]);
  const ready = storage
    .list(kinds.pod, namespace)
    .map(asPod)
    .filter((one) => others.has(one.metadata.name) && isReady(one));
  return { service: slice?.metadata.labels?.[serviceName] ?? '', ready };
}

/** The pod with an address, if it runs. */
export const podAt = (storage: Storage, ip: string): Pod | undefined =>
  storage
    .list(readKinds(storage).pod)
    .map(asPod)
    .find(({ status }) => status.podIP === ip && status.phase === 'Running');

/** Answers a request to a pod, in place of the product: with what it is and how it is set. */
export function answerForPod(storage: Storage, pod: Pod, request: IncomingMessage, response: ServerResponse): void {
  const container = servingContainer(pod);
  if (container === undefined) {
    response.writeHead(503).end();
    return;
  }
  const route = { namespace: pod.metadata.namespace, problem: undefined, ...behind(storage, pod) };
  const facts = factsOf({ storage, kinds: readKinds(storage) }, route, pod, container);
  const wantsJson = request.headers.accept?.startsWith('application/json') ?? false;
  response
    .writeHead(200, { 'content-type': wantsJson ? 'application/json' : 'text/html; charset=utf-8' })
    .end(wantsJson ? JSON.stringify(facts) : stagingPage(facts));
}
