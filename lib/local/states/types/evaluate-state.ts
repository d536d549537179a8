import type { Json } from '../json.ts';
import type { Decision, Step } from '../step.ts';
import { evaluateChoice } from './choice-state.ts';
import { evaluateFail } from './fail-state.ts';
import { evaluateMap } from './map-state.ts';
import { evaluateParallel } from './parallel-state.ts';
import { evaluatePass } from './pass-state.ts';
import { leave } from './result.ts';
import { evaluateSucceed } from './succeed-state.ts';
import { evaluateTask } from './task-state.ts';
import { evaluateWait } from './wait-state.ts';

/** What a state that was just entered comes to. @throws StateError */
export async function evaluateState(step: Step, region: string): Promise<Decision> {
  const { state } = step;
  switch (state.Type) {
    case 'Task':
      return evaluateTask({ ...step, state }, region);
    case 'Choice':
      return evaluateChoice({ ...step, state });
    case 'Pass':
      return evaluatePass({ ...step, state });
    case 'Wait':
      return evaluateWait({ ...step, state });
    case 'Succeed':
      return evaluateSucceed({ ...step, state });
    case 'Fail':
      return evaluateFail({ ...step, state });
    case 'Map':
      return evaluateMap({ ...step, state });
    case 'Parallel':
      return evaluateParallel({ ...step, state });
    default:
      return state satisfies never;
  }
}

/** A Wait whose time has come: there is no result, the input goes on. */
export async function leaveWait(step: Step): Promise<Decision> {
  const { state } = step;
  if (state.Type !== 'Wait') throw new Error(`"${step.frame.state}" is no Wait`);
  return leave(step, { next: state.Next, holder: state, otherwise: step.frame.input });
}

/** A Task, Map or Parallel that has its result. */
export async function leaveWithResult(
  step: Step,
  result: Json,
  events: Parameters<typeof leave>[2],
): Promise<Decision> {
  const { state } = step;
  if (state.Type !== 'Task' && state.Type !== 'Map' && state.Type !== 'Parallel') {
    throw new Error(`"${step.frame.state}" has no result`);
  }
  return leave(step, { next: state.Next, holder: state, otherwise: result, seen: { result } }, events);
}
