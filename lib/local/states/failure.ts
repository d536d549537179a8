import { abortions, broken, left, retried } from './change.ts';
import type { Catcher } from './definition.ts';
import type { Execution, Transition } from './execution.ts';
import { type EventDraft, failed } from './history.ts';
import type { Machine } from './machine.ts';
import { nextRetry } from './retry.ts';
import { errorOutput, matchesError, StateError } from './state-error.ts';
import type { Decision, Step } from './step.ts';
import { leave } from './types/result.ts';

/**
 * What becomes of a state that failed: another attempt, the way of a Catch, or the end of its frame.
 * @param events of the attempt itself, such as TaskFailed
 */
export async function afterFailure(
  machine: Machine,
  execution: Execution,
  step: Step,
  failure: { error: StateError; events: readonly EventDraft[] },
  random: () => number,
): Promise<Transition> {
  const { frame, state } = step;
  const { error, events } = failure;
  const evaluation = error.location === undefined ? [] : [evaluationFailed(frame.state, error)];
  const shown = [...events, ...evaluation, ...abortions(execution, frame), ...stateFailed(step)];
  const retriers = ('Retry' in state && state.Retry) || [];
  const chance = nextRetry(retriers, frame.retries, error.error, random);
  if (chance) {
    const again = { at: step.now() + chance.milliseconds, retries: chance.retries };
    return retried(execution, frame, again, shown, step.now());
  }
  const catchers = ('Catch' in state && state.Catch) || [];
  const caught = await takeCatch(step, catchers, error, shown);
  if (caught.do === 'leave') return left(machine, execution, frame, caught, step.now());
  return broken(machine, execution, frame, caught.error, caught.events, step.now());
}

type Caught = Exclude<Decision, { do: 'stay' }>;

async function takeCatch(
  step: Step,
  catchers: readonly Catcher[],
  error: StateError,
  events: readonly EventDraft[],
): Promise<Caught> {
  const index = catchers.findIndex((catcher) => matchesError(catcher.ErrorEquals, error.error));
  const catcher = catchers[index];
  if (!catcher) return { do: 'fail', error, events };
  const otherwise = errorOutput(error);
  const to = {
    next: catcher.Next,
    holder: catcher,
    otherwise,
    place: `Catch[${index}]/`,
    seen: { errorOutput: otherwise },
  };
  try {
    const decision = await leave(step, to, events);
    return decision.do === 'stay' ? { do: 'fail', error, events } : decision;
  } catch (second) {
    // nothing catches what fails in a Catch
    if (!(second instanceof StateError)) throw second;
    return { do: 'fail', error: second, events: [...events, evaluationFailed(step.frame.state, second)] };
  }
}

const stateFailed = ({ state }: Step): EventDraft[] =>
  state.Type === 'Map' || state.Type === 'Parallel' ? [{ type: `${state.Type}StateFailed` }] : [];

const evaluationFailed = (state: string, error: StateError): EventDraft =>
  failed('EvaluationFailed', error, { state, ...(error.location === undefined ? {} : { location: error.location }) });
