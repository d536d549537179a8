import { applyWorkload } from '../actions/apply-workload.ts';
import type { ClusterDeps } from '../actions/cluster-deps.ts';
import { unlessSuperseded } from '../actions/fence.ts';
import type { StepInput } from './step-input.ts';

/** Renders and applies the staging. @throws Superseded, and the reasons why it can't be applied */
export const apply = (deps: ClusterDeps, input: StepInput): Promise<{ done: boolean }> =>
  unlessSuperseded(deps.stagings, input, () => applyWorkload(deps, input));
