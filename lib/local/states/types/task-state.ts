import type { Task } from '../definition.ts';
import { type EventDraft, failed } from '../history.ts';
import type { Json, JsonObject } from '../json.ts';
import { checkPayload } from '../limits.ts';
import type { StateError } from '../state-error.ts';
import type { Decision, Step } from '../step.ts';
import { wholeNumber } from './result.ts';

/** What history events say of a resource: `arn:aws:states:::lambda:invoke` is `invoke` of `lambda`. */
function describeResource(arn: string): { resource: string; resourceType: string } {
  const name = arn.slice(arn.indexOf(':::') + 3);
  const cut = name.lastIndexOf(':');
  return { resource: name.slice(cut + 1), resourceType: name.slice(0, cut) };
}

/** Evaluates the arguments and schedules the call. */
export async function evaluateTask(step: Step<Task>, region: string): Promise<Decision> {
  const { Arguments, Resource, TimeoutSeconds } = step.state;
  const given = Arguments === undefined ? step.frame.input : await step.evaluate(Arguments, 'Arguments');
  checkPayload(given, `The state/task '${step.frame.state}' has arguments`);
  const seconds =
    TimeoutSeconds === undefined ? undefined : await wholeNumber(step, TimeoutSeconds, 'TimeoutSeconds', 1);
  const limit = seconds === undefined ? {} : { deadline: step.now() + 1000 * seconds };
  return {
    do: 'stay',
    phase: { kind: 'task', arguments: given, ...limit },
    events: scheduled(Resource, given, seconds, region),
  };
}

function scheduled(resource: string, given: Json, seconds: number | undefined, region: string): EventDraft[] {
  const what = describeResource(resource);
  const limit: JsonObject = seconds === undefined ? {} : { timeoutInSeconds: seconds };
  const parameters = JSON.stringify(given);
  return [
    { type: 'TaskScheduled', details: { taskScheduledEventDetails: { ...what, region, parameters, ...limit } } },
    { type: 'TaskStarted', details: { taskStartedEventDetails: what } },
  ];
}

/** The call has answered. */
export function taskSucceeded(task: Task, output: Json): EventDraft {
  const details = { ...describeResource(task.Resource), output: JSON.stringify(output) };
  return {
    type: 'TaskSucceeded',
    details: { taskSucceededEventDetails: { ...details, outputDetails: { truncated: false } } },
  };
}

/** The call has failed, or its time is over. */
export const taskEnded = (task: Task, type: 'TaskFailed' | 'TaskTimedOut', error: StateError): EventDraft =>
  failed(type, error, describeResource(task.Resource));
