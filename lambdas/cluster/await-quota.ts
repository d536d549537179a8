import { setTimeout as sleep } from 'node:timers/promises';
import { at } from '../domain/health/fields.ts';
import type { KubernetesObject } from '../domain/kubernetes-object.ts';
import { sameJson } from '../domain/same-json.ts';
import type { KubernetesClient } from './client.ts';

/** A cluster whose controllers are this far behind makes no pods either; what then slips through its quota is counted later. */
const patience = 3_000;

/** API servers hear of a quota's status through watches of their own, and under load that takes a while longer. */
const hearsay = 500;

/** The API server holds a namespace to what a quota's status says, not to its spec. */
const isInForce = (quota: KubernetesObject): boolean =>
  sameJson(at(quota, 'spec', 'hard'), at(quota, 'status', 'hard'));

/**
 * Waits until a quota is felt. Before that the one that was there is, or none: what was just allowed would be refused, and
 * what is too much let through. The first is the worse, since a deploy fails of it; so a quota that takes another's place is
 * given the time until everybody has heard of it.
 * @param quota as it was answered when it was applied
 */
export async function awaitQuota(
  client: KubernetesClient,
  quota: KubernetesObject,
  budget: AbortSignal,
): Promise<void> {
  if (isInForce(quota)) return;
  const hasPredecessor = at(quota, 'status', 'hard') !== undefined;
  const enough = new AbortController();
  const signal = AbortSignal.any([budget, enough.signal, AbortSignal.timeout(patience)]);
  const { namespace, name } = quota.metadata;
  const selection = { namespace, fieldSelector: `metadata.name=${name}` };
  for await (const event of client.watch(quota.apiVersion, quota.kind, selection, signal)) {
    // One that is gone is nothing to wait for.
    if (event.type === 'removed') break;
    const seen = event.type === 'snapshot' ? event.objects : [event.object];
    if (seen.every(isInForce)) break;
  }
  enough.abort();
  if (hasPredecessor) await sleep(hearsay, undefined, { signal: budget }).catch(() => {});
}
