import { awaitGone } from '../cluster/await-gone.ts';
import type { KubernetesClient } from '../cluster/client.ts';
import { readInventory, writeInventory } from '../cluster/keep-inventory.ts';
import { ensureNamespace, isOurs, namespaceRef, refuseNewer } from '../cluster/namespace.ts';
import type { Target } from '../cluster/prepare-objects.ts';
import { removeByName } from '../cluster/remove-fenced.ts';
import { awaitNoPods, removeClusterScoped, removeOutward, removeRunning } from '../cluster/remove-workload.ts';
import type { KubernetesObject } from '../domain/kubernetes-object.ts';
import type { Staging } from '../domain/staging.ts';
import type { ClusterDeps } from './cluster-deps.ts';
import { deleteHooks, runDeleteHooks } from './delete-hooks.ts';
import type { Log } from './log.ts';

/** One invocation of a teardown. */
export interface Teardown {
  staging: Staging;
  target: Target;
  client: KubernetesClient;
  /** the step's budget, or the time after which it counts as stuck */
  signal: AbortSignal;
  /** throws Superseded */
  fence: () => Promise<void>;
}

/** What was still there when the signal was aborted. */
export type Left =
  | { what: 'nothing' }
  | { what: 'hooks' }
  | { what: 'namespace' }
  | { what: 'objects'; objects: readonly KubernetesObject[] };

/** One pass of a teardown, from wherever the last one came to. Each part finds what it did before done. */
export async function tearDown(deps: ClusterDeps & { log: Log }, run: Teardown): Promise<Left> {
  const { client, target, signal } = run;
  const namespace = await client.get(namespaceRef(target.namespace));
  if (!namespace) return { what: 'nothing' };
  if (!isOurs(namespace, target, deps.installation)) {
    deps.log.warn('the namespace is somebody else’s, and stays', { namespace: target.namespace });
    return { what: 'nothing' };
  }
  refuseNewer(namespace, target.generation);
  if (namespace.metadata.deletionTimestamp === undefined) {
    const left = await empty(deps, run);
    if (left.what !== 'nothing') return left;
    await run.fence();
    await removeByName(run, namespaceRef(target.namespace), (found) => isOurs(found, target, deps.installation));
  }
  return (await awaitGone(client, namespace, signal)) ? { what: 'nothing' } : { what: 'namespace' };
}

/** Everything that has to go in order, before the namespace takes the rest with it. */
async function empty(deps: ClusterDeps & { log: Log }, run: Teardown): Promise<Left> {
  const { client, target, signal } = run;
  // From here on the namespace is this generation's: a deploy that wakes up late finds itself fenced off.
  const claimant = { target, installation: deps.installation, operation: 'teardown' as const };
  if ((await ensureNamespace(client, claimant, signal)) === 'going') return { what: 'namespace' };
  const inventory = await readInventory(client, target.namespace);
  const hooks = await deleteHooks(deps, run, inventory);
  const before = await runDeleteHooks(deps, run, 'pre-delete', hooks, inventory);
  if (!before.isDone) return { what: 'hooks' };

  // What a deploy finds after this is no product any more: it installs anew, however far we came.
  const isInstalled = before.inventory.installed !== undefined;
  const left = isInstalled
    ? await writeInventory(client, target, { ...before.inventory, installed: undefined })
    : before.inventory;
  const outward = await removeOutward(run, inventory, signal);
  if (outward.length > 0) return { what: 'objects', objects: outward };
  await run.fence();
  await removeRunning(run);

  if (hooks.some(({ phases }) => phases.includes('post-delete'))) {
    const pods = await awaitNoPods(client, target.namespace, signal);
    if (pods.length > 0) return { what: 'objects', objects: pods };
    const after = await runDeleteHooks(deps, run, 'post-delete', hooks, left);
    if (!after.isDone) return { what: 'hooks' };
  }
  await run.fence();
  await removeClusterScoped(run, inventory);
  return { what: 'nothing' };
}
