import { setTimeout as sleep } from 'node:timers/promises';
import pMap from 'p-map';
import { ApplyRejected } from '../domain/health/failures.ts';
import { jobHealth } from '../domain/health/running.ts';
import { describeObject, type KubernetesObject } from '../domain/kubernetes-object.ts';
import { markers } from '../domain/markers.ts';
import { groupKindOf, refOf } from '../domain/object-ref.ts';
import { awaitServed } from './await-served.ts';
import { whenFelt } from './bind-rights.ts';
import type { KubernetesClient } from './client.ts';
import { ClusterBusy, isRefusal } from './errors.ts';
import { installTiers } from './install-order.ts';
import { refuseNewer, withVersion } from './namespace.ts';
import { isDefinition, isOwn, type Target } from './prepare-objects.ts';
import { combined, isImmutable, rejection } from './rejections.ts';
import { removeAndAwait } from './remove-fenced.ts';
import { isWriteOnly } from './write-only.ts';

/** Writes at once over the one connection: enough to hide its latency, few enough for the API server's fair queuing. */
const concurrency = 12;

export interface ApplyRun {
  client: KubernetesClient;
  target: Target;
  /** throws Superseded; asked before each tier */
  fence: () => Promise<void>;
  signal: AbortSignal;
}

/**
 * Applies prepared objects tier by tier.
 * @returns the objects as they are stored, but for those that somebody else keeps
 * @throws ApplyRejected or QuotaExceeded with all that was refused within a tier, Superseded
 */
export async function applyObjects(run: ApplyRun, objects: readonly KubernetesObject[]): Promise<KubernetesObject[]> {
  const stored: KubernetesObject[] = [];
  for (const tier of installTiers(objects)) {
    await run.fence();
    const written = await applyTier(run, tier);
    stored.push(...written);
    const definitions = written.filter(isDefinition);
    if (definitions.length > 0) run.client.discovery.forget();
    await Promise.all(definitions.map((definition) => awaitServed(run, definition)));
  }
  return stored;
}

async function applyTier(run: ApplyRun, tier: readonly KubernetesObject[]): Promise<KubernetesObject[]> {
  try {
    const stored = await pMap(tier, (object) => applyOne(run, object), { concurrency, stopOnError: false });
    return stored.filter((object) => object !== undefined);
  } catch (error) {
    throw error instanceof AggregateError ? combined(error.errors) : error;
  }
}

/** Tries at an object, or at the quota that counts it, while others write it too; with the pauses between, a second. */
const tries = 5;
const pause = 50;

/**
 * Applies one object, whatever of the same name stands in its way, as far as that is ours.
 * @returns it as it is stored; undefined where somebody else keeps it
 * @throws ApplyRejected, QuotaExceeded, Superseded; ClusterBusy where others keep writing in the same moments
 */
export async function applyOne(
  run: Omit<ApplyRun, 'fence'>,
  object: KubernetesObject,
): Promise<KubernetesObject | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await applyOnce(run, object);
    } catch (error) {
      if (!isRefusal(error, 409)) throw rejection(error, object);
      if (attempt === tries) throw new ClusterBusy(`${describeObject(object)}: changes all the time`, { cause: error });
      await sleep(pause * 2 ** attempt * Math.random());
    }
  }
}

async function applyOnce(
  run: Omit<ApplyRun, 'fence'>,
  object: KubernetesObject,
): Promise<KubernetesObject | undefined> {
  const { client } = run;
  const wanted = object.metadata.namespace === undefined ? await unlessOthers(run, object) : object;
  if (!wanted) return undefined;
  try {
    const stored = await (isWriteOnly(wanted)
      ? whenFelt(() => client.apply(wanted), run.signal)
      : client.apply(wanted));
    return hasFailed(stored) ? ((await replaced(run, object)) ?? stored) : stored;
  } catch (error) {
    const stored = isImmutable(error) ? await replaced(run, object) : undefined;
    if (stored) return stored;
    throw error;
  }
}

/** A Job that was there and has failed: a new one wouldn't have within the answer. It never tries again by itself. */
const hasFailed = (stored: KubernetesObject): boolean =>
  groupKindOf(stored) === 'batch/Job' && jobHealth(stored, { of: () => [], now: 0 }).state === 'failed';

/**
 * Cluster-scoped objects are everybody's, and no policy fences them: the version that was looked at is the one that is
 * written. Undefined where a definition is there already and somebody else keeps it.
 * @throws ApplyRejected where it belongs to another staging, or to nobody of Berth's; Superseded
 */
async function unlessOthers(
  { client, target }: Omit<ApplyRun, 'fence'>,
  object: KubernetesObject,
): Promise<KubernetesObject | undefined> {
  const found = await client.get(refOf(object));
  if (!found) return object;
  const { labels } = found.metadata;
  if (isDefinition(object)) return labels?.[markers.managedBy] === markers.managedByValue ? object : undefined;
  if (isOwn(found, target.staging)) {
    refuseNewer(found, target.generation);
    return withVersion(object, found);
  }
  const owner = labels?.[markers.staging];
  throw new ApplyRejected(
    `${describeObject(object)}: exists in the cluster already, and ${owner ? `belongs to staging "${owner}"` : "isn't Berth's"}`,
  );
}

/**
 * A Job can't be changed, only made again: what it did is done, and Helm and Argo CD do the same where they are told to.
 * No other kind is, since what would be lost is more than a record.
 */
async function replaced(
  { client, target, signal }: Omit<ApplyRun, 'fence'>,
  object: KubernetesObject,
): Promise<KubernetesObject | undefined> {
  if (object.kind !== 'Job') return undefined;
  const found = await client.get(refOf(object));
  if (!found || !isOwn(found, target.staging)) return undefined;
  if (!(await removeAndAwait({ client, target }, found, signal))) return undefined;
  return client.apply(object);
}
