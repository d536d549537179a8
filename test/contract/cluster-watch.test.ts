import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { applyWorkload } from '../../lambdas/actions/apply-workload.ts';
import { awaitHealthy } from '../../lambdas/actions/await-healthy.ts';
import { awaitServed } from '../../lambdas/cluster/await-served.ts';
import { createClient, type KubernetesClient } from '../../lambdas/cluster/client.ts';
import { createConnection, type Patience } from '../../lambdas/cluster/connection.ts';
import type { Pauses } from '../../lambdas/cluster/transport.ts';
import type { WatchEvent } from '../../lambdas/cluster/watch.ts';
import type { KubernetesObject } from '../../lambdas/domain/kubernetes-object.ts';
import { refOf } from '../../lambdas/domain/object-ref.ts';
import { type ApiProxy, type Meddling, startApiProxy } from '../support/api-proxy.ts';
import { until } from '../support/berth-api.ts';
import { deploy, persistently } from '../support/carry-out.ts';
import { startTestCluster, type TestCluster } from '../support/cluster.ts';
import { aConfigMap, aDeployer, aDeployment, freshName, image } from '../support/deploys.ts';
import { endOf } from '../support/frozen-client.ts';
import { littlePatience, noPauses } from '../support/no-pauses.ts';
import { aWidget, aWidgetDefinition } from '../support/objects.ts';
import { inNamespace } from '../support/other-writers.ts';
import { layWire, type Wire } from '../support/tcp-proxy.ts';

let cluster: TestCluster;
const namespace = `watch-${freshName()}`;
const namespaceObject: KubernetesObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } };

beforeAll(async () => {
  cluster = await startTestCluster();
  await cluster.operator.create(namespaceObject);
});
afterAll(async () => {
  await cluster.operator.remove(refOf(namespaceObject));
  await cluster.close();
});

type Finished = Pick<TestContext, 'onTestFinished'>;
type Who = 'berthToken' | 'token';

/** A client of its own connection, by another way than the usual one. */
function clientAt(
  { onTestFinished }: Finished,
  at: Pick<TestCluster['access'], 'endpoint' | 'ca'>,
  who: Who,
  { pauses = noPauses, patience = littlePatience }: { pauses?: Pauses | undefined; patience?: Patience } = {},
): KubernetesClient {
  const connection = createConnection(
    async () => at,
    async () => cluster.access[who],
    patience,
  );
  onTestFinished(() => connection.close());
  return createClient(connection, pauses);
}

async function overWire(
  context: Finished,
  who: Who,
  patience = littlePatience,
): Promise<{ wire: Wire; client: KubernetesClient }> {
  const wire = await layWire(cluster.access.endpoint);
  context.onTestFinished(() => wire.close());
  const { ca } = cluster.access;
  return { wire, client: clientAt(context, { endpoint: wire.endpoint, ca }, who, { patience }) };
}

async function throughProxy(
  context: Finished,
  meddle: Meddling,
  { who = 'token', pauses }: { who?: Who; pauses?: Pauses } = {},
): Promise<{ proxy: ApiProxy; client: KubernetesClient }> {
  const proxy = await startApiProxy(cluster.access, meddle);
  context.onTestFinished(() => proxy.close());
  return { proxy, client: clientAt(context, proxy.access, who, { pauses }) };
}

/** Follows one object of the namespace, a ConfigMap where nothing else is said, until the test has ended. */
function follow(
  { onTestFinished }: Finished,
  client: KubernetesClient,
  name: string,
  { apiVersion, kind } = { apiVersion: 'v1', kind: 'ConfigMap' },
) {
  const stop = new AbortController();
  const events: WatchEvent[] = [];
  const selection = { namespace, fieldSelector: `metadata.name=${name}` };
  const following = (async () => {
    for await (const event of client.watch(apiVersion, kind, selection, stop.signal)) events.push(event);
  })();
  onTestFinished(async () => {
    stop.abort();
    await following;
  });
  const valueOf = (object: KubernetesObject | undefined): string => Object(object?.['data']).key;
  return {
    events,
    types: () => events.map(({ type }) => type),
    /** what it knows by now */
    value: () => {
      const last = events.at(-1);
      return valueOf(last?.type === 'snapshot' ? last.objects[0] : last?.object);
    },
  };
}

const write = (name: string, key: string) => cluster.operator.apply(inNamespace(aConfigMap(name, { key }), namespace));
const isWatch = (url: URL): boolean => url.searchParams.get('watch') === 'true';
const versionIn = (url: URL): number => Number(url.searchParams.get('resourceVersion'));

describe.concurrent('a watch', () => {
  it('that was cut begins again with all that has changed meanwhile', async (context) => {
    const { wire, client } = await overWire(context, 'token');
    await write('cut', 'before');
    const seen = follow(context, client, 'cut');
    await until(() => seen.value() === 'before');
    wire.holdStill();
    await write('cut', 'meanwhile');
    wire.cut();
    await until(() => seen.value() === 'meanwhile');
    await write('cut', 'after');
    await until(() => seen.value() === 'after');
    expect(seen.types()).toEqual(['snapshot', 'snapshot', 'changed']);
  });

  it('whose version is too old begins again with a list', async (context) => {
    let isFirst = true;
    const { proxy, client } = await throughProxy(context, ({ url }) => {
      if (!isWatch(url) || !isFirst) return undefined;
      isFirst = false;
      const tooOld = new URL(url);
      tooOld.searchParams.set('resourceVersion', '1');
      return { url: tooOld };
    });
    // Of a kind that is new, no API server remembers what was before it.
    const group = `${freshName()}.example.com`;
    const definition = await cluster.operator.create(aWidgetDefinition(group));
    context.onTestFinished(async () => void (await cluster.operator.remove(refOf(definition))));
    await awaitServed({ client: cluster.operator, signal: AbortSignal.timeout(10_000) }, definition);
    const sized = (size: number) => cluster.operator.apply(inNamespace(aWidget(group, 'old', { size }), namespace));
    await sized(1);
    const seen = follow(context, client, 'old', { apiVersion: `${group}/v1`, kind: 'Widget' });
    await until(() => seen.types().length === 2);
    await sized(2);
    await until(() => seen.types().length === 3);
    expect(seen.types()).toEqual(['snapshot', 'snapshot', 'changed']);
    expect(proxy.asked.filter(isWatch).length).toBe(2);
  });

  it('that ends goes on from its last bookmark, and nothing is told twice', async (context) => {
    let isFirst = true;
    const { proxy, client } = await throughProxy(context, ({ url }) => {
      if (!isWatch(url) || !isFirst) return undefined;
      isFirst = false;
      // Two seconds before a watch ends by itself, the API server says how far it has come since it began.
      const short = new URL(url);
      short.searchParams.set('timeoutSeconds', '6');
      return { url: short };
    });
    await write('marked', 'before');
    const seen = follow(context, client, 'marked');
    await until(() => seen.value() === 'before');
    await write('marked', 'begun');
    await until(() => seen.value() === 'begun');
    const other = await write('other', 'something else');
    await until(() => proxy.asked.filter(isWatch).length === 2);
    await write('marked', 'after');
    await until(() => seen.value() === 'after');
    expect(seen.types()).toEqual(['snapshot', 'changed', 'changed']);
    const [listed = 0, marked = 0] = proxy.asked.filter(isWatch).map(versionIn);
    expect(marked).toBeGreaterThan(listed);
    expect(marked).toBeGreaterThanOrEqual(Number(other.metadata.resourceVersion));
  });

  it('that is cut again and again gets a deploy to its end', async (context) => {
    const { wire, client } = await overWire(context, 'berthToken', { ...littlePatience, body: 2_000 });
    const deployer = aDeployer(client);
    const name = freshName();
    const acting = deployer.requestDeploy(name, [aDeployment('web'), aDeployment('slow', image('2.0'))]);
    await applyWorkload(deployer.deps, acting);
    const awaiting = persistently(() => awaitHealthy(deployer.deps, acting));
    const over = new AbortController();
    const ended = endOf(awaiting).finally(() => over.abort());
    for (let cuts = 0; cuts < 6 && !over.signal.aborted; cuts += 1) {
      await until(() => over.signal.aborted || wire.isUsed());
      wire.cut();
    }
    expect(await ended).toBe('done');
    expect(await awaiting).toEqual({ verdict: 'healthy' });
  });

  it('over which nothing comes any more ends with its step’s time, and not later', async (context) => {
    const { wire, client } = await overWire(context, 'berthToken');
    // Enough for a loaded machine to see the pods first; silence alone would be noticed after 20 s.
    const deployer = aDeployer(client, { budget: 2_500 });
    const acting = deployer.requestDeploy(freshName(), [aDeployment('web', image('never-ready'))]);
    while (!(await applyWorkload(deployer.deps, acting)).done);
    const started = performance.now();
    const awaiting = awaitHealthy(deployer.deps, acting);
    await until(() => deployer.progress.length > 0);
    wire.holdStill();
    expect(await awaiting).toEqual({ verdict: 'waiting' });
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});

describe.concurrent('an API server that has too much to do', () => {
  it('is asked again after the time that it asks for, and the deploy gets to its end', async (context) => {
    const refused = new Set<string>();
    const waited: number[] = [];
    const pauses = { first: 1, sleep: async (milliseconds: number) => void waited.push(milliseconds) };
    const meddle: Meddling = ({ method, url }) => {
      const request = `${method} ${url.pathname} ${isWatch(url)}`;
      if (refused.has(request)) return undefined;
      refused.add(request);
      const body = { kind: 'Status', status: 'Failure', reason: 'TooManyRequests', message: 'too many requests' };
      return { status: 429, headers: { 'retry-after': '2' }, body };
    };
    const { client } = await throughProxy(context, meddle, { who: 'berthToken', pauses });
    const name = freshName();
    const { rounds } = await deploy(aDeployer(client), name, [aConfigMap('settings'), aDeployment('web')]);
    expect(rounds).toBe(0);
    expect(refused).toContain(`PATCH /apis/apps/v1/namespaces/stg-${name}/deployments/web false`);
    expect(refused).toContain(`GET /api/v1/namespaces/stg-${name}/pods true`);
    expect(new Set(waited)).toEqual(new Set([2_000]));
  });
});
