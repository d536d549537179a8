import { scaledValue } from '../percent.ts';
import type { Deployment } from '../workload-views.ts';

export const isRecreate = ({ spec }: Deployment): boolean => spec.strategy.type === 'Recreate';

/** Pods that a rollout may have beyond the wanted number. */
export function surgeOf({ spec }: Deployment): number {
  if (spec.strategy.type === 'Recreate') return 0;
  return scaledValue(spec.strategy.rollingUpdate?.maxSurge ?? '25%', spec.replicas, 'up');
}

/** Pods that may be missing during a rollout; at least one where none may be added. */
export function unavailableOf(deployment: Deployment): number {
  const { spec } = deployment;
  if (spec.strategy.type === 'Recreate') return 0;
  const allowed = scaledValue(spec.strategy.rollingUpdate?.maxUnavailable ?? '25%', spec.replicas, 'down');
  const atLeast = allowed === 0 && surgeOf(deployment) === 0 ? 1 : allowed;
  return Math.min(atLeast, spec.replicas);
}
