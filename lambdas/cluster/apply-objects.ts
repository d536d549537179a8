import pMap from 'p-map';
import { definitionHealth } from '../domain/health/declared.ts';
import { ApplyRejected } from '../domain/health/failures.ts';
import { describeObject, type KubernetesObject } from '../domain/kubernetes-object.ts';
import { markers } from '../domain/markers.ts';
import { refOf } from '../domain/object-ref.ts';
import { removeAndAwait } from './await-gone.ts';
import type { KubernetesClient } from './client.ts';
import { ClusterBusy } from './errors.ts';
import { installTiers } from './install-order.ts';
import { isDefinition } from './prepare-objects.ts';
import { combined, isImmutable, rejection } from './rejections.ts';

/** Writes at once over the one connection: enough to hide its latency, few enough for the API server's fair queuing. */
const concurrency = 12;

export interface ApplyRun {
  client: KubernetesClient;
  staging: string;
  /** throws Superseded; asked before each tier */
  fence: () => Promise<void>;
  signal: AbortSignal;
}

/**
 * Applies prepared objects tier by tier.
 * @throws ApplyRejected or QuotaExceeded with all that was refused within a tier, Superseded
 */
export async function applyObjects(run: ApplyRun, objects: readonly KubernetesObject[]): Promise<void> {
  for (const tier of installTiers(objects)) {
    await run.fence();
    await applyTier(run, tier);
    if (tier.some(isDefinition)) {
      await Promise.all(tier.filter(isDefinition).map((definition) => awaitServed(run, definition)));
      run.client.discovery.forget();
    }
  }
}

async function applyTier(run: ApplyRun, tier: readonly KubernetesObject[]): Promise<void> {
  try {
    await pMap(tier, (object) => applyOne(run, object), { concurrency, stopOnError: false });
  } catch (error) {
    throw error instanceof AggregateError ? combined(error.errors) : error;
  }
}

/** Applies one object, whatever of the same name stands in its way, as far as that is ours. */
export async function applyOne(run: Omit<ApplyRun, 'fence'>, object: KubernetesObject): Promise<void> {
  const { client } = run;
  try {
    if (object.metadata.namespace === undefined && !(await mayWrite(run, object))) return;
    await client.apply(object);
  } catch (error) {
    if (isImmutable(error) && (await replaced(run, object))) return;
    throw rejection(error, object);
  }
}

/**
 * Cluster-scoped objects are everybody's. False where a definition is there already and somebody else keeps it.
 * @throws ApplyRejected where it belongs to another staging, or to nobody of Berth's
 */
async function mayWrite({ client, staging }: Omit<ApplyRun, 'fence'>, object: KubernetesObject): Promise<boolean> {
  const found = await client.get(refOf(object));
  if (!found) return true;
  const { labels } = found.metadata;
  const isManaged = labels?.[markers.managedBy] === markers.managedByValue;
  if (isDefinition(object)) return isManaged;
  const owner = labels?.[markers.staging];
  if (isManaged && owner === staging) return true;
  throw new ApplyRejected(
    `${describeObject(object)}: exists in the cluster already, and ${owner ? `belongs to staging "${owner}"` : "isn't Berth's"}`,
  );
}

/**
 * A Job can't be changed, only made again: what it did is done, and Helm and Argo CD do the same where they are told to.
 * No other kind is, since what would be lost is more than a record.
 */
async function replaced(
  { client, staging, signal }: Omit<ApplyRun, 'fence'>,
  object: KubernetesObject,
): Promise<boolean> {
  if (object.kind !== 'Job') return false;
  const found = await client.get(refOf(object));
  const isOwn = found?.metadata.labels?.[markers.staging] === staging;
  if (!found || !isOwn || !(await removeAndAwait(client, found, signal))) return false;
  await client.apply(object);
  return true;
}

/** A definition takes a moment to be served; half a minute is far beyond it. */
const establishing = 30_000;

async function awaitServed({ client, signal }: ApplyRun, definition: KubernetesObject): Promise<void> {
  const { apiVersion, kind, name } = refOf(definition);
  const stop = new AbortController();
  const isOver = AbortSignal.any([signal, stop.signal, AbortSignal.timeout(establishing)]);
  try {
    for await (const event of client.watch(apiVersion, kind, { fieldSelector: `metadata.name=${name}` }, isOver)) {
      const objects = event.type === 'snapshot' ? event.objects : event.type === 'changed' ? [event.object] : [];
      const states = objects
        .filter((object) => object.metadata.name === name)
        .map((object) => definitionHealth(object, { of: () => [], now: 0 }));
      const failure = states.find((health) => health.state === 'failed');
      if (failure) throw new ApplyRejected(`${describeObject(definition)}: ${failure.message}`);
      if (states.some(({ state }) => state === 'ready')) return;
    }
  } finally {
    stop.abort();
  }
  if (signal.aborted) throw new ClusterBusy(`${describeObject(definition)}: is not established yet`);
  throw new ApplyRejected(`${describeObject(definition)}: is not established after ${establishing / 1000} s`);
}
