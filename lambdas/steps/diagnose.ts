import type { ClusterDeps } from '../actions/cluster-deps.ts';
import { diagnose as diagnoseFailure } from '../actions/diagnose.ts';
import type { Failure } from '../domain/reason.ts';
import type { StepInput } from './step-input.ts';

/** Says why an execution failed. @throws ClusterUnreachable */
export const diagnose = (deps: ClusterDeps, { name, error }: StepInput): Promise<{ failure: Failure }> =>
  diagnoseFailure(deps, name, error);
