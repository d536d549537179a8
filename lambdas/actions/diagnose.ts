import { collectDiagnosis } from '../cluster/collect-diagnosis.ts';
import { failureOf } from '../domain/caught-failure.ts';
import { fitFailure } from '../domain/health/fit-failure.ts';
import { namespaceOf } from '../domain/names.ts';
import type { Failure } from '../domain/reason.ts';
import type { ClusterDeps } from './cluster-deps.ts';

/** An error as a state machine caught it. */
export interface Caught {
  Error: string;
  Cause?: string | undefined;
}

/**
 * Turns a caught error into a failure that says why: its reason, and what the cluster has to say about the staging's
 * namespace. Its JSON is under 16 KiB.
 * @throws ClusterUnreachable where the cluster says nothing at all
 */
export async function diagnose(
  { stagings, connect }: Pick<ClusterDeps, 'stagings' | 'connect'>,
  name: string,
  caught: Caught | undefined,
): Promise<{ failure: Failure }> {
  const { reason } = failureOf(caught);
  const staging = await stagings.get(name);
  if (!staging) return { failure: { reason } };
  const diagnosis = await collectDiagnosis(connect(staging.cluster), namespaceOf(name));
  const isEmpty = diagnosis.events.length === 0 && diagnosis.containers.length === 0;
  return { failure: fitFailure({ reason, ...(isEmpty ? {} : { diagnosis }) }) };
}
