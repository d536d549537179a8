import { fenced } from '../cluster/every.ts';
import { named } from '../cluster/rejections.ts';
import { holdOf, whatHolds } from '../cluster/what-holds.ts';
import { TeardownStuck } from '../domain/health/failures.ts';
import { refOf } from '../domain/object-ref.ts';
import type { ClusterDeps } from './cluster-deps.ts';
import { type Acting, readHeld } from './fence.ts';
import type { Log } from './log.ts';
import { startOf, targetOf } from './plan.ts';
import { type Left, type Teardown, tearDown } from './tear-down.ts';

/** A load balancer is gone in two minutes, a volume in one: what takes longer waits for a person. */
const stuckAfter = 10 * 60_000;

/** The last look before it counts as stuck still sees what has gone meanwhile. */
const lastLook = 5_000;

/**
 * Takes a staging's workload away: hooks, what reaches outside, what runs, volumes, the namespace. Again is fine, at any
 * point. Finalizers are left to whom they belong.
 * @returns `done: false` where it takes longer than one invocation
 * @throws TeardownStuck with what holds it, HookFailed, Superseded, ClusterUnreachable, ClusterBusy
 */
export async function deleteWorkload(deps: ClusterDeps & { log: Log }, acting: Acting): Promise<{ done: boolean }> {
  const staging = await readHeld(deps.stagings, acting);
  const stuckAt = startOf(staging) + stuckAfter;
  const run: Teardown = {
    staging,
    target: targetOf(staging),
    client: deps.connect(staging.cluster),
    signal: AbortSignal.timeout(Math.min(deps.budget, Math.max(stuckAt - deps.now(), lastLook))),
    fence: async () => {
      await readHeld(deps.stagings, acting);
    },
  };
  return named(TeardownStuck, run.target.namespace, () => deleteHeld(deps, run, stuckAt));
}

async function deleteHeld(
  deps: ClusterDeps & { log: Log },
  run: Teardown,
  stuckAt: number,
): Promise<{ done: boolean }> {
  const left = await fenced(run.signal, run.fence, (signal) => tearDown(deps, { ...run, signal }));
  if (left.what === 'nothing') return { done: true };
  if (deps.now() < stuckAt) return { done: false };
  throw new TeardownStuck((await describeLeft(run, left)).slice(0, 1000));
}

async function describeLeft({ client, target }: Teardown, left: Left): Promise<string> {
  if (left.what !== 'objects') return whatHolds(client, target.namespace);
  const [object] = left.objects;
  const found = object && (await client.get(refOf(object)));
  return found ? holdOf(found) : whatHolds(client, target.namespace);
}
