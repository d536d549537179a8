import { DescribeExecutionCommand, type SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { Operation } from '../domain/operation.ts';
import { callAws, isNamed } from './sdk-errors.ts';

/** Starts executions. Their names come from what they are for, so that starting again never makes a second one. */
export interface Executions {
  /**
   * Starts the operation's execution. `over` says that one of that name ran and ended; one that runs is as good as
   * started. @throws StoreUnavailable, StoreRefused
   */
  start(operation: Operation): Promise<'started' | 'over'>;
  /** What became of the operation's execution. @throws StoreUnavailable, StoreRefused */
  ask(operation: Pick<Operation, 'id' | 'kind'>): Promise<ExecutionState>;
  /** Starts a sweep that may end what an operator approved. Again is fine. @throws StoreUnavailable, StoreRefused */
  startApprovedSweep(sweepId: string): Promise<void>;
}

/** An execution as Step Functions knows it; Missing where it was never started or is long gone. */
export interface ExecutionState {
  status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED' | 'PENDING_REDRIVE' | 'MISSING';
  error?: string | undefined;
  cause?: string | undefined;
}

/** ARNs of the state machines; the sweep's only where sweeps are approved. */
export interface StateMachines {
  deploy: string;
  teardown: string;
  sweep?: string;
}

export function executions(client: SFNClient, machines: StateMachines): Executions {
  const start = (stateMachineArn: string, name: string, input: unknown): Promise<'started' | 'over'> =>
    callAws('Step Functions', () =>
      client.send(new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) })).then(
        () => 'started' as const,
        (error: unknown) => {
          // One that runs with the same name and input is answered like a new one; this says that it has ended.
          if (isNamed(error, 'ExecutionAlreadyExists')) return 'over' as const;
          throw error;
        },
      ),
    );
  return {
    start: ({ id, staging, generation, kind }) =>
      start(machineFor(machines, kind), id, { name: staging, generation, operationId: id }),
    ask: ({ id, kind }) => ask(client, machineFor(machines, kind), id),
    startApprovedSweep: async (sweepId) => {
      if (machines.sweep === undefined) throw new Error('this function starts no sweeps');
      await start(machines.sweep, `approved-${sweepId}`, { approvedSweep: sweepId });
    },
  };
}

async function ask(client: SFNClient, stateMachineArn: string, name: string): Promise<ExecutionState> {
  const executionArn = `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
  return callAws('Step Functions', () =>
    client.send(new DescribeExecutionCommand({ executionArn })).then(
      ({ status, error, cause }) => ({ status: status ?? 'MISSING', error, cause }),
      (error: unknown) => {
        if (isNamed(error, 'ExecutionDoesNotExist')) return { status: 'MISSING' as const };
        throw error;
      },
    ),
  );
}

/** Archive and restore have no machine of their own yet, and nothing accepts them. */
function machineFor(machines: StateMachines, kind: Operation['kind']): string {
  switch (kind) {
    case 'deploy':
      return machines.deploy;
    case 'teardown':
      return machines.teardown;
    case 'archive':
    case 'restore':
      throw new Error(`there is no state machine for ${kind}`);
    default:
      return kind satisfies never;
  }
}
