import type { KubernetesClient } from '../cluster/client.ts';
import type { Target } from '../cluster/prepare-objects.ts';
import type { Blueprint } from '../domain/blueprint.ts';
import { namespaceOf } from '../domain/names.ts';
import { RenderFailed } from '../domain/render-failed.ts';
import type { Staging } from '../domain/staging.ts';
import type { ClusterDeps } from './cluster-deps.ts';
import { type Acting, readHeld } from './fence.ts';

/** How long what is waited for may take. Milliseconds; instants since 1970. */
export interface Pace {
  startedAt: number;
  timeout: number;
  unschedulableGrace: number;
  now: () => number;
}

/** What an operation on the cluster works with. */
export interface Planned {
  staging: Staging;
  client: KubernetesClient;
  target: Target;
  blueprint: Blueprint;
  /** absolute path of the blueprint's folder */
  directory: string;
  pace: Pace;
  /** throws Superseded */
  fence: () => Promise<void>;
}

/** When the operation began to be carried out; since 1970. */
export const startOf = ({ operation }: Staging): number => Date.parse(operation.startedAt ?? operation.requestedAt);

export const targetOf = (staging: Staging): Target => ({
  staging: staging.name,
  namespace: namespaceOf(staging.name),
  generation: staging.generation,
});

/** @throws RenderFailed where the blueprint isn't shipped any more */
export function planOf(deps: ClusterDeps, staging: Staging, acting: Acting): Planned {
  const shipped = deps.blueprints.get(staging.desired.blueprint);
  if (!shipped) throw new RenderFailed(`there is no blueprint "${staging.desired.blueprint}" any more`);
  const { timeout, unschedulableGrace } = shipped.blueprint.health;
  return {
    staging,
    client: deps.connect(staging.cluster),
    target: targetOf(staging),
    ...shipped,
    pace: { startedAt: startOf(staging), timeout, unschedulableGrace, now: deps.now },
    fence: async () => {
      await readHeld(deps.stagings, acting);
    },
  };
}
