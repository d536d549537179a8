import { awaitHealthy as awaitHealth, type HealthVerdict } from '../actions/await-healthy.ts';
import type { ClusterDeps } from '../actions/cluster-deps.ts';
import { unlessSuperseded } from '../actions/fence.ts';
import type { StepInput } from './step-input.ts';

/** Watches until the staging is well. @throws Superseded, and the reasons why it can't get well */
export const awaitHealthy = (deps: ClusterDeps, input: StepInput): Promise<{ verdict: HealthVerdict }> =>
  unlessSuperseded(deps.stagings, input, () => awaitHealth(deps, input));
