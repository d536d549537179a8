import type { ClusterDeps } from '../actions/cluster-deps.ts';
import { deleteWorkload as removeWorkload } from '../actions/delete-workload.ts';
import { unlessSuperseded } from '../actions/fence.ts';
import type { Log } from '../actions/log.ts';
import type { StepInput } from './step-input.ts';

/** Takes the staging out of the cluster. @throws Superseded, TeardownStuck, HookFailed */
export const deleteWorkload = (deps: ClusterDeps & { log: Log }, input: StepInput): Promise<{ done: boolean }> =>
  unlessSuperseded(deps.stagings, input, () => removeWorkload(deps, input));
