import type { Clock } from '../clock.ts';
import type { Task } from './definition.ts';
import type { Execution, Started } from './execution.ts';
import type { Json } from './json.ts';
import type { Machine } from './machine.ts';
import type { Store } from './store.ts';

/** Makes one call of a task. @throws StateError as Retry and Catch are to see it */
type CallResource = (task: Task, given: Json, execution: Execution) => Promise<Json>;

export interface EngineInput {
  clock: Clock;
  random: () => number;
  store: Store;
  /** @throws Error where the definition can't be run any more */
  machineOf: (execution: Started) => Machine;
  call: CallResource;
  /** the start is durable */
  onStart: (execution: Execution) => void;
  /** the end is durable; after onStart, however short it was */
  onEnd: (execution: Execution) => void;
  /** the journal can't be written, or the engine has a fault: the execution stands still until the next start */
  onFault: (execution: Execution, error: unknown) => void;
}

export interface Engine {
  /** @returns when the start is durable */
  start(machine: Machine, about: Started): Promise<void>;
  /** Takes up an execution that was read back: every frame goes on from the phase it is in. */
  resume(execution: Execution): void;
  /** Ends it as ABORTED; what its tasks answer later is dropped. */
  abort: (execution: Execution, why: { error?: string; cause?: string }) => void;
  /** Nothing moves any more. */
  stop(): void;
  readonly timers: number;
}
