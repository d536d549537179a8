import { setTimeout as sleep } from 'node:timers/promises';
import { at } from '../domain/health/fields.ts';
import type { KubernetesObject } from '../domain/kubernetes-object.ts';
import { refOf } from '../domain/object-ref.ts';
import { sameJson } from '../domain/same-json.ts';
import type { KubernetesClient } from './client.ts';

/** Between two looks; the quota's controller counts a new one within some ten milliseconds. */
const pause = 20;

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
  const signal = AbortSignal.any([budget, AbortSignal.timeout(patience)]);
  const wait = (milliseconds: number) => sleep(milliseconds, undefined, { signal }).catch(() => {});
  let found: KubernetesObject | undefined = quota;
  while (found && !isInForce(found) && !signal.aborted) {
    await wait(pause);
    found = await client.get(refOf(quota));
  }
  if (hasPredecessor) await wait(hearsay);
}
