import * as z from 'zod';
import type { HealthVerdict } from '../actions/await-healthy.ts';
import type { ClusterDeps } from '../actions/cluster-deps.ts';
import type { Log } from '../actions/log.ts';
import type { Failure } from '../domain/reason.ts';
import { apply } from './apply.ts';
import { awaitHealthy } from './await-healthy.ts';
import { deleteWorkload } from './delete-workload.ts';
import { diagnose } from './diagnose.ts';
import { StepInput } from './step-input.ts';

const ClusterStep = z.enum(['Apply', 'AwaitHealthy', 'Diagnose', 'DeleteWorkload']);
type ClusterStep = z.infer<typeof ClusterStep>;

type Answer = { done: boolean } | { verdict: HealthVerdict } | { failure: Failure };

/** The states that the cluster function carries out. */
export const clusterSteps: Readonly<
  Record<ClusterStep, (deps: ClusterDeps & { log: Log }, input: StepInput) => Promise<Answer>>
> = {
  Apply: apply,
  AwaitHealthy: awaitHealthy,
  Diagnose: diagnose,
  DeleteWorkload: deleteWorkload,
};

export const ClusterInput = StepInput.extend({ step: ClusterStep });
export type ClusterInput = z.infer<typeof ClusterInput>;
