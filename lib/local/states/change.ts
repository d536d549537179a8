import type { Branch, State } from './definition.ts';
import { type Draft, draft } from './draft.ts';
import {
  children,
  descendants,
  type End,
  type Execution,
  type Frame,
  type Phase,
  rootFrame,
  type Transition,
} from './execution.ts';
import {
  type EventDraft,
  errorDetails,
  executionStarted,
  executionSucceeded,
  failed,
  iteration,
  stateEntered,
  stateExited,
} from './history.ts';
import type { Json } from './json.ts';
import { historyEvents } from './limits.ts';
import type { Machine } from './machine.ts';
import type { StateError } from './state-error.ts';
import type { Decision } from './step.ts';

type Place = Pick<Frame, 'id' | 'index' | 'variables' | 'lastEvent'> & { parent?: string };

/** Puts a frame into a state; the state's evaluation comes with the next transition. */
function enter(change: Draft, machine: Machine, place: Place, name: string, input: Json): void {
  const event = change.add(place.lastEvent, [stateEntered(stateOf(machine, name).Type, name, input)]);
  change.frames[place.id] = {
    ...place,
    state: name,
    input,
    enteredAt: change.at,
    enteredEvent: event,
    lastEvent: event,
    retries: [],
    phase: { kind: 'entered' },
  };
}

export function stateOf(machine: Machine, name: string): State {
  const state = machine.states.get(name);
  if (!state) throw new Error(`the machine has no state "${name}"`);
  return state;
}

/** The first transition of an execution. */
export function started(machine: Machine, input: string, value: Json, roleArn: string, at: number): Transition {
  const change = draft(0, at);
  change.add(0, [executionStarted(input, roleArn)]);
  // as the real service has it, the first state does not point back to ExecutionStarted
  const place = { id: rootFrame, index: 0, variables: {}, lastEvent: 0 };
  enter(change, machine, place, machine.definition.StartAt, value);
  return change;
}

/** The frame stays in its state and waits for something. */
export function stayed(
  execution: Execution,
  frame: Frame,
  phase: Phase,
  events: readonly EventDraft[],
  at: number,
): Transition {
  const change = draft(execution.events.length, at);
  change.frames[frame.id] = { ...frame, phase, lastEvent: change.add(frame.lastEvent, events) };
  return change;
}

/** The attempt failed and there will be another one. */
export function retried(
  execution: Execution,
  frame: Frame,
  again: { at: number; retries: readonly number[] },
  events: readonly EventDraft[],
  at: number,
): Transition {
  const change = draft(execution.events.length, at);
  const lastEvent = change.add(frame.lastEvent, events);
  dropChildren(change, execution, frame);
  change.frames[frame.id] = { ...frame, retries: again.retries, lastEvent, phase: { kind: 'retry', at: again.at } };
  return change;
}

/** The frame goes from its state to the next one, or to its end. */
export function left(
  machine: Machine,
  execution: Execution,
  frame: Frame,
  decision: Extract<Decision, { do: 'leave' }>,
  at: number,
): Transition {
  const { next, output, assign, events } = decision;
  const change = draft(execution.events.length, at);
  const exit = stateExited(stateOf(machine, frame.state).Type, frame.state, output, assign);
  const lastEvent = change.add(frame.lastEvent, [...events, exit]);
  dropChildren(change, execution, frame);
  const moved = { ...frame, lastEvent, variables: { ...frame.variables, ...assign } };
  if (next !== undefined) {
    enter(change, machine, moved, next, output);
    return change;
  }
  if (frame.parent === undefined)
    return ended(change, moved, executionSucceeded(output), { status: 'SUCCEEDED', at, output });
  const own = mapIteration(machine, execution, frame, 'Succeeded');
  change.frames[frame.id] = { ...moved, lastEvent: change.add(lastEvent, own), phase: { kind: 'done', output } };
  return change;
}

/** The frame's state failed for good. */
export function broken(
  machine: Machine,
  execution: Execution,
  frame: Frame,
  error: StateError,
  events: readonly EventDraft[],
  at: number,
): Transition {
  const change = draft(execution.events.length, at);
  const lastEvent = change.add(frame.lastEvent, events);
  const moved = { ...frame, lastEvent };
  const why = errorDetails(error.error, error.cause);
  if (frame.parent === undefined)
    return ended(change, moved, failed('ExecutionFailed', error), { status: 'FAILED', at, ...why });
  dropChildren(change, execution, frame);
  const own = mapIteration(machine, execution, frame, 'Failed');
  const phase: Phase = {
    kind: 'failed',
    error: error.error,
    ...(error.cause === undefined ? {} : { cause: error.cause }),
  };
  change.frames[frame.id] = { ...moved, lastEvent: change.add(lastEvent, own), phase };
  return change;
}

/** The whole execution ends from outside of its states: stopped, out of time, or at a limit. */
export function cut(execution: Execution, type: string, end: End): Transition {
  const change = draft(execution.events.length, end.at);
  const root = execution.frames.get(rootFrame);
  const event = failed(type, { error: end.error ?? '', cause: end.cause });
  change.add(root?.lastEvent ?? 0, [event]);
  return { ...change, end };
}

export const runtimeFailure = (execution: Execution, at: number, cause: string | undefined): Transition =>
  cut(execution, 'ExecutionFailed', { status: 'FAILED', at, ...errorDetails('States.Runtime', cause) });

/** The transition, or the end of an execution whose history would get too long by it. */
export function withinHistory(execution: Execution, transition: Transition, at: number): Transition {
  const count = execution.events.length + transition.events.length;
  if (count < historyEvents || (count === historyEvents && transition.end)) return transition;
  const cause = `The execution reached the maximum number of history events (${historyEvents}).`;
  return runtimeFailure(execution, at, cause);
}

/** Starts the next children of a Map or Parallel, as many as given. */
export function childrenStarted(
  machine: Machine,
  execution: Execution,
  frame: Frame,
  range: { from: number; to: number },
  at: number,
): Transition {
  const change = draft(execution.events.length, at);
  if (frame.phase.kind !== 'children') return change;
  const inMap = stateOf(machine, frame.state).Type === 'Map';
  for (let index = range.from; index < range.to; index++) {
    const input = frame.phase.inputs[index]?.input ?? null;
    const event = inMap ? [iteration('Started', frame.state, index)] : [];
    const lastEvent = change.add(frame.lastEvent, event);
    const place = { id: `${frame.id}/${index}`, parent: frame.id, index, variables: {}, lastEvent };
    enter(change, machine, place, branchOf(machine, frame, index).StartAt, input);
  }
  return change;
}

function branchOf(machine: Machine, frame: Frame, index: number): Branch {
  const state = stateOf(machine, frame.state);
  if (state.Type === 'Map') return state.ItemProcessor;
  const branch = state.Type === 'Parallel' ? state.Branches[index] : undefined;
  if (!branch) throw new Error(`"${frame.state}" has no branch ${index}`);
  return branch;
}

function ended(change: Draft, frame: Frame, event: EventDraft, end: End): Transition {
  change.add(frame.lastEvent, [event]);
  return { ...change, end };
}

function dropChildren(change: Draft, execution: Execution, frame: Frame): void {
  for (const id of descendants(execution, frame.id)) change.frames[id] = null;
}

/** Iterations that are still under way when their Map fails. */
export function abortions(execution: Execution, frame: Frame): EventDraft[] {
  return children(execution, frame.id)
    .filter((child) => frame.phase.kind === 'children' && frame.phase.inputs[0]?.item !== undefined && isRunning(child))
    .map((child) => iteration('Aborted', frame.state, child.index));
}

export const isRunning = (child: Frame): boolean => child.phase.kind !== 'done' && child.phase.kind !== 'failed';

function mapIteration(
  machine: Machine,
  execution: Execution,
  frame: Frame,
  what: 'Succeeded' | 'Failed',
): EventDraft[] {
  const parent = frame.parent === undefined ? undefined : execution.frames.get(frame.parent);
  if (!parent || stateOf(machine, parent.state).Type !== 'Map') return [];
  return [iteration(what, parent.state, frame.index)];
}
