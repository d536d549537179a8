import { setImmediate } from 'node:timers/promises';
import { DescribeExecutionCommand, SFNClient, type SFNClientConfig, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { Operation } from '../domain/operation.ts';
import { clientSettings } from './client-settings.ts';
import { callAws, isNamed } from './sdk-errors.ts';

/** Starts executions. Their names come from what they are for, so that starting again never makes a second one. */
export interface Executions {
  /**
   * Starts the operation's execution. `over` says that one of that name ran and ended; one that runs is as good as
   * started. @throws StoreUnavailable, StoreRefused
   */
  start(operation: Operation): Promise<'started' | 'over'>;
  /**
   * Makes the same start ready while another call is under way. Nothing leaves until what it gives is called, which sends it.
   */
  prepare(operation: Operation): () => Promise<'started' | 'over'>;
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

/** A command that is held has middleware of its own, which a cached chain would leave out: it would be sent at once. */
export const connectStates = (settings: SFNClientConfig = {}): SFNClient =>
  new SFNClient({ ...clientSettings, ...settings, cacheMiddleware: false });

export function executions(client: SFNClient, machines: StateMachines): Executions {
  const startOf = ({ id, staging, generation, kind }: Operation): StartExecutionCommand =>
    toStart(machineFor(machines, kind), id, { name: staging, generation, operationId: id });
  return {
    start: async (operation) => start(client, startOf(operation)),
    prepare: (operation) => prepare(client, startOf(operation)),
    ask: ({ id, kind }) => ask(client, machineFor(machines, kind), id),
    startApprovedSweep: async (sweepId) => {
      if (machines.sweep === undefined) throw new Error('this function starts no sweeps');
      await start(client, toStart(machines.sweep, `approved-${sweepId}`, { approvedSweep: sweepId }));
    },
  };
}

const toStart = (stateMachineArn: string, name: string, input: unknown): StartExecutionCommand =>
  new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) });

const start = (client: SFNClient, command: StartExecutionCommand): Promise<'started' | 'over'> =>
  callAws('Step Functions', () =>
    client.send(command).then(
      () => 'started' as const,
      (error: unknown) => {
        // One that runs with the same name and input is answered like a new one; this says that it has ended.
        if (isNamed(error, 'ExecutionAlreadyExists')) return 'over' as const;
        throw error;
      },
    ),
  );

/**
 * A command that is serialized and signed, and waits with that. Both cost the processor what a call takes on a fast network,
 * and the call that is under way meanwhile needs none: it leaves in this turn of the event loop, the work begins in the next.
 */
function prepare(client: SFNClient, command: StartExecutionCommand): () => Promise<'started' | 'over'> {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  command.middlewareStack.add(
    (next) => async (call) => {
      await released;
      return next(call);
    },
    { step: 'deserialize', priority: 'low', name: 'heldUntilReleased' },
  );
  const started = setImmediate().then(() => start(client, command));
  // Whoever releases it hears of a failure; one that nobody releases is nobody's.
  started.catch(() => {});
  return () => {
    release();
    return started;
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
