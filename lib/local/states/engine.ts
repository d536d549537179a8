import {
  childrenStarted,
  cut,
  isRunning,
  left,
  runtimeFailure,
  started,
  stateOf,
  stayed,
  withinHistory,
} from './change.ts';
import type { Task } from './definition.ts';
import type { Engine, EngineInput } from './engine-parts.ts';
import { children, type Execution, type Frame, type Phase, regionOf, type Transition } from './execution.ts';
import { afterFailure } from './failure.ts';
import type { EventDraft } from './history.ts';
import { type Json, parseJson } from './json.ts';
import { checkPayload } from './limits.ts';
import { StateError, toStateError } from './state-error.ts';
import { createStep, type Decision, type Step } from './step.ts';
import { createTimers } from './timers.ts';
import { childrenError } from './types/children.ts';
import { evaluateState, leaveWait, leaveWithResult } from './types/evaluate-state.ts';
import { taskEnded, taskSucceeded } from './types/task-state.ts';

type ChildrenPhase = Extract<Phase, { kind: 'children' }>;
type TaskPhase = Extract<Phase, { kind: 'task' }>;

/**
 * Moves executions: decides (the state types), writes the transition down (the store), and goes on from what was
 * written. `drive` is the one way on, for a frame that has just moved and for one that was read back after a crash.
 */
export function createEngine({ clock, random, store, machineOf, call, onStart, onEnd, onFault }: EngineInput): Engine {
  const timers = createTimers(clock);
  const now = (): number => clock.now();
  let stopped = false;

  const stands = (execution: Execution, frame: Frame): boolean =>
    !stopped && !execution.end && execution.frames.get(frame.id) === frame;
  const stepOf = (execution: Execution, frame: Frame): Step =>
    createStep(execution, frame, stateOf(machineOf(execution), frame.state), { now, random });

  function commit(execution: Execution, transition: Transition): void {
    const next = withinHistory(execution, transition, now());
    const durable = store.move(execution, next);
    for (const id of Object.keys(next.frames)) timers.clear(execution.arn, id);
    if (next.end) return finish(execution, durable);
    for (const id of Object.keys(next.frames)) driveById(execution, id, durable);
  }

  function finish(execution: Execution, durable: Promise<void>): void {
    timers.clearAll(execution.arn);
    guard(
      execution,
      durable.then(() => (stopped ? undefined : onEnd(execution))),
    );
  }

  const guard = (execution: Execution, work: Promise<unknown>): void => {
    work.catch((error: unknown) => onFault(execution, error));
  };

  function driveById(execution: Execution, id: string, durable: Promise<void>): void {
    const frame = execution.frames.get(id);
    if (frame) guard(execution, drive(execution, frame, durable));
  }

  async function drive(execution: Execution, frame: Frame, durable: Promise<void>): Promise<void> {
    const { phase } = frame;
    switch (phase.kind) {
      case 'entered':
        return decide(execution, frame, () => evaluateState(stepOf(execution, frame), regionOf(execution)));
      case 'task':
        return runTask(execution, frame, phase, durable);
      case 'wait':
        return at(execution, frame, phase.until, () =>
          decide(execution, frame, () => leaveWait(stepOf(execution, frame))),
        );
      case 'retry':
        return at(execution, frame, phase.at, async () =>
          commit(execution, stayed(execution, frame, { kind: 'entered' }, [], now())),
        );
      case 'children':
        return pump(execution, frame, phase);
      case 'done':
      case 'failed': {
        const parent = execution.frames.get(frame.parent ?? '');
        return parent?.phase.kind === 'children' ? pump(execution, parent, parent.phase) : undefined;
      }
    }
  }

  function at(execution: Execution, frame: Frame, time: number, work: () => Promise<void>): void {
    timers.set(execution.arn, frame.id, time, () => {
      if (stands(execution, frame)) guard(execution, work());
    });
  }

  /** Carries out what an evaluation comes to, unless the frame was taken away meanwhile. */
  async function decide(
    execution: Execution,
    frame: Frame,
    evaluate: () => Promise<Decision>,
    events: readonly EventDraft[] = [],
  ): Promise<void> {
    const decision = await evaluate().catch(
      (error: unknown): Decision => ({ do: 'fail', error: toStateError(error, 'States.Runtime'), events }),
    );
    if (!stands(execution, frame)) return;
    if (decision.do === 'stay') {
      return commit(execution, stayed(execution, frame, decision.phase, decision.events, now()));
    }
    if (decision.do === 'leave')
      return commit(execution, left(machineOf(execution), execution, frame, decision, now()));
    const transition = await afterFailure(machineOf(execution), execution, stepOf(execution, frame), decision, random);
    if (stands(execution, frame)) commit(execution, transition);
  }

  const fail = (execution: Execution, frame: Frame, error: StateError, events: readonly EventDraft[]): Promise<void> =>
    decide(execution, frame, async () => ({ do: 'fail', error, events }));

  /** Calls only what is durably scheduled; after a crash the same call is made again. */
  async function runTask(execution: Execution, frame: Frame, phase: TaskPhase, durable: Promise<void>): Promise<void> {
    await durable;
    const task = stateOf(machineOf(execution), frame.state);
    if (task.Type !== 'Task' || !stands(execution, frame)) return;
    const outOfTime = new StateError('States.Timeout');
    const timeOut = (): Promise<void> =>
      fail(execution, frame, outOfTime, [taskEnded(task, 'TaskTimedOut', outOfTime)]);
    if (phase.deadline !== undefined && phase.deadline <= now()) return timeOut();
    if (phase.deadline !== undefined) at(execution, frame, phase.deadline, timeOut);
    const answer = await answerOf(task, phase.arguments, execution);
    if (!stands(execution, frame)) return;
    timers.clear(execution.arn, frame.id);
    if (answer instanceof StateError) return fail(execution, frame, answer, [taskEnded(task, 'TaskFailed', answer)]);
    const events = [taskSucceeded(task, answer)];
    return decide(execution, frame, () => leaveWithResult(stepOf(execution, frame), answer, events), events);
  }

  async function answerOf(task: Task, given: Json, execution: Execution): Promise<Json | StateError> {
    try {
      const answer = await call(task, given, execution);
      checkPayload(answer, `The state/task '${task.Resource}' returned a result`);
      return answer;
    } catch (error) {
      return toStateError(error, 'States.TaskFailed');
    }
  }

  /** Starts what may run, and ends the Map or Parallel when its children have. */
  async function pump(execution: Execution, frame: Frame, phase: ChildrenPhase): Promise<void> {
    if (!stands(execution, frame)) return;
    const known = children(execution, frame.id);
    const failures = known.filter((child) => child.phase.kind === 'failed');
    if (failures.length > phase.tolerated) return fail(execution, frame, childrenError(phase.tolerated, failures), []);
    const running = known.filter(isRunning).length;
    const to = Math.min(phase.inputs.length, known.length + phase.concurrency - running);
    if (to > known.length) {
      return commit(
        execution,
        childrenStarted(machineOf(execution), execution, frame, { from: known.length, to }, now()),
      );
    }
    if (running > 0) return;
    const outputs = known.flatMap((child) => (child.phase.kind === 'done' ? [child.phase.output] : []));
    const step = stepOf(execution, frame);
    const events = [{ type: `${step.state.Type}StateSucceeded` }];
    return decide(execution, frame, () => leaveWithResult(step, outputs, events));
  }

  const timeOut = (execution: Execution): void =>
    commit(execution, cut(execution, 'ExecutionTimedOut', { status: 'TIMED_OUT', at: now(), error: 'States.Timeout' }));

  function armDeadline(execution: Execution): void {
    if (execution.deadline === undefined) return;
    timers.set(execution.arn, 'deadline', execution.deadline, () => {
      if (!stopped && !execution.end) timeOut(execution);
    });
  }

  return {
    async start(machine, about) {
      const transition = started(machine, about.input, parseJson(about.input), about.roleArn, about.startedAt);
      const { execution, durable } = store.begin(about, transition);
      guard(
        execution,
        durable.then(() => onStart(execution)),
      );
      armDeadline(execution);
      for (const id of execution.frames.keys()) driveById(execution, id, durable);
      await durable;
    },
    resume(execution) {
      try {
        machineOf(execution);
      } catch (error) {
        return commit(execution, runtimeFailure(execution, now(), toStateError(error, 'States.Runtime').cause));
      }
      if (execution.deadline !== undefined && execution.deadline <= now()) return timeOut(execution);
      armDeadline(execution);
      for (const frame of execution.frames.values()) {
        if (isRunning(frame)) driveById(execution, frame.id, Promise.resolve());
      }
    },
    abort(execution, why) {
      commit(execution, cut(execution, 'ExecutionAborted', { status: 'ABORTED', at: now(), ...why }));
    },
    stop() {
      stopped = true;
      timers.clearAll();
    },
    get timers() {
      return timers.size;
    },
  };
}
