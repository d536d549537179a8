import type { Inventory } from '../cluster/inventory.ts';
import { prepareWorkload } from '../cluster/prepare-objects.ts';
import { type HooksOutcome, runHooks } from '../cluster/run-hooks.ts';
import { ApplyRejected } from '../domain/health/failures.ts';
import type { Hook, HookPhase } from '../domain/kubernetes-object.ts';
import { RenderFailed } from '../domain/render-failed.ts';
import type { ClusterDeps } from './cluster-deps.ts';
import type { Log } from './log.ts';
import { planOf } from './plan.ts';
import { renderStaging } from './render-staging.ts';
import type { Teardown } from './tear-down.ts';

/** After this many failed teardowns the hooks are left out: a broken clean-up job must not keep a staging forever. */
const patience = 3;

/**
 * The hooks around a staging's end; none where nothing was ever applied. What can't be rendered any more has no hooks
 * either: a blueprint may have changed since, or be gone.
 * @throws ClusterUnreachable, ClusterBusy: a cluster that doesn't answer is no reason to leave them out
 */
export async function deleteHooks(
  deps: ClusterDeps & { log: Log },
  { staging, target, client }: Teardown,
  inventory: Inventory,
): Promise<readonly Hook[]> {
  if (inventory.generation === 0 || !deps.blueprints.get(staging.desired.blueprint)) return [];
  if (staging.teardownFailures >= patience) {
    deps.log.warn('hooks of the teardown are left out after failed tries', { failures: staging.teardownFailures });
    return [];
  }
  try {
    const plan = planOf(deps, staging, { name: staging.name, generation: staging.generation });
    const rendered = await renderStaging(deps, plan, true);
    const ending = rendered.hooks.filter(({ phases }) => phases.some((phase) => phase.endsWith('-delete')));
    const { hooks } = await prepareWorkload({ objects: [], hooks: ending }, target, plan.blueprint, client.discovery);
    return hooks;
  } catch (error) {
    const isFinal = error instanceof RenderFailed || error instanceof ApplyRejected;
    if (!isFinal) throw error;
    deps.log.warn('hooks of the teardown can’t be rendered, and are left out', { error });
    return [];
  }
}

/** @throws HookFailed, Superseded */
export async function runDeleteHooks(
  deps: ClusterDeps,
  { staging, target, client, signal, fence }: Teardown,
  phase: HookPhase,
  hooks: readonly Hook[],
  before: Inventory,
): Promise<HooksOutcome> {
  const { generation } = target;
  // What ran for an earlier generation has to run for this one.
  const inventory = before.generation === generation ? before : { ...before, generation, ranHooks: [] };
  if (hooks.length === 0) return { isDone: true, inventory };
  const { pace } = planOf(deps, staging, { name: staging.name, generation });
  return runHooks({ ...pace, client, target, phase, hooks, inventory, signal, fence });
}
