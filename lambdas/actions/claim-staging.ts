import { NotFound } from '../domain/errors.ts';
import { claim } from '../domain/execution.ts';
import type { OperationStore } from '../stores/operations.ts';
import type { StagingStore } from '../stores/stagings.ts';
import { type AnnounceDeps, announce } from './announce.ts';

export interface ClaimDeps extends AnnounceDeps {
  now(): Date;
  stagings: Pick<StagingStore, 'get' | 'save'>;
  operations: Pick<OperationStore, 'put'>;
}

/**
 * An execution's first step: the staging is its own from here on. The operations that it displaced go to their items
 * first, since the claim forgets them. Again is fine.
 * @throws Superseded where a newer operation, or none, holds the staging
 * @throws Conflict
 */
export async function claimStaging(deps: ClaimDeps, name: string, generation: number): Promise<void> {
  const staging = await deps.stagings.get(name);
  if (!staging) throw new NotFound('staging', name);
  const claimed = claim(staging, generation, deps.now());
  await Promise.all([...staging.displaced, claimed.operation].map((operation) => deps.operations.put(operation)));
  if (claimed === staging) return;
  await deps.stagings.save(claimed);
  await announce(deps, staging, claimed);
}
