import type { HistoryEvent } from './history.ts';
import type { Json, JsonObject } from './json.ts';

/** What a frame waits for. Every phase can be taken up again after a crash: see `Engine.drive`. */
export type Phase =
  /** the state was entered, or is to run again after a retry's delay: it is evaluated next */
  | { kind: 'entered' }
  /** the task was scheduled: it is invoked, again where the process ended meanwhile */
  | { kind: 'task'; arguments: Json; deadline?: number }
  | { kind: 'retry'; at: number }
  | { kind: 'wait'; until: number }
  /** a Map or Parallel whose children run: the input of each, in order */
  | { kind: 'children'; inputs: readonly ChildInput[]; concurrency: number; tolerated: number }
  /** a child that has ended; it stays until its Map or Parallel has */
  | { kind: 'done'; output: Json }
  | { kind: 'failed'; error: string; cause?: string };

export interface ChildInput {
  input: Json;
  /** a Map's item, before the ItemSelector */
  item?: Json;
}

/** One line of control: the machine's own, or an iteration of a Map, or a branch of a Parallel. Immutable. */
export interface Frame {
  readonly id: string;
  readonly parent?: string;
  /** among its siblings */
  readonly index: number;
  readonly state: string;
  readonly input: Json;
  readonly enteredAt: number;
  readonly enteredEvent: number;
  readonly lastEvent: number;
  readonly variables: JsonObject;
  /** attempts used, by retrier */
  readonly retries: readonly number[];
  readonly phase: Phase;
}

export const rootFrame = 'root';

export interface End {
  status: 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';
  at: number;
  output?: Json;
  error?: string;
  cause?: string;
}

/** What an execution is started as; never changes. */
export interface Started {
  readonly arn: string;
  readonly name: string;
  readonly machineArn: string;
  readonly roleArn: string;
  /** hash of the definition: it goes on as it was started, whatever is registered later */
  readonly definition: string;
  /** as it was sent */
  readonly input: string;
  readonly startedAt: number;
  readonly deadline?: number;
}

export interface Execution extends Started {
  readonly events: HistoryEvent[];
  readonly frames: Map<string, Frame>;
  end?: End;
  /** whether the end was told to the event bus */
  told: boolean;
}

/** A change of an execution, as it is written down and then made. */
export interface Transition {
  events: readonly HistoryEvent[];
  /** changed or new; null is gone */
  frames: Readonly<Record<string, Frame | null>>;
  end?: End;
}

/** Makes the change in memory; nothing else ever changes an execution. */
export function applyTransition(execution: Execution, { events, frames, end }: Transition): void {
  execution.events.push(...events);
  for (const [id, frame] of Object.entries(frames)) {
    if (frame) execution.frames.set(id, frame);
    else execution.frames.delete(id);
  }
  if (!end) return;
  execution.end = end;
  execution.frames.clear();
}

/** Ids of all frames below this one. */
export const descendants = (execution: Execution, id: string): string[] =>
  [...execution.frames.keys()].filter((other) => other.startsWith(`${id}/`));

/** Children in their order. */
export const children = (execution: Execution, id: string): Frame[] =>
  [...execution.frames.values()].filter((frame) => frame.parent === id).toSorted((a, b) => a.index - b.index);

/** arn:aws:states:REGION:… */
export const regionOf = ({ arn }: Pick<Started, 'arn'>): string => arn.split(':')[3] ?? '';
