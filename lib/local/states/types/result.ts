import type { EventDraft } from '../history.ts';
import { isJsonObject, type Json, type JsonObject } from '../json.ts';
import { checkPayload, checkVariables } from '../limits.ts';
import { StateError } from '../state-error.ts';
import type { Decision, Seen, Step } from '../step.ts';

interface Holder {
  Output?: Json;
  Assign?: JsonObject;
}

/**
 * Leaves the state with the holder's Output and Assign, both evaluated with the variables as they were.
 * @param otherwise the output where the holder has none
 * @param place where the holder stands in its state: '' or `Catch[0]/`
 */
export async function leave(
  step: Step,
  to: { next: string | undefined; holder: Holder; otherwise: Json; place?: string; seen?: Seen },
  events: readonly EventDraft[] = [],
): Promise<Decision> {
  const { next, holder, otherwise, place = '', seen = {} } = to;
  const output = holder.Output === undefined ? otherwise : await step.evaluate(holder.Output, `${place}Output`, seen);
  const assign = holder.Assign === undefined ? undefined : await step.evaluate(holder.Assign, `${place}Assign`, seen);
  checkPayload(output, `The state/task '${step.frame.state}' returned a result`);
  if (assign !== undefined) checkPayload(assign, `The state/task '${step.frame.state}' assigns variables`);
  if (!isJsonObject(assign)) return { do: 'leave', next, output, assign: undefined, events };
  checkVariables({ ...step.variables, ...assign });
  return { do: 'leave', next, output, assign, events };
}

/** A field that is a number, or an expression that has to give a whole one of at least `least`. */
export async function wholeNumber(step: Step, value: Json, field: string, least: number): Promise<number> {
  const number = await step.evaluate(value, field);
  if (typeof number === 'number' && Number.isInteger(number) && number >= least) return number;
  throw wrongType(step, field, `a whole number of at least ${least}`, number);
}

/** @returns the error of an expression that gave something else than its field takes */
export function wrongType(step: Step, field: string, expected: string, actual: Json): StateError {
  const { state, enteredEvent } = step.frame;
  return new StateError(
    'States.QueryEvaluationError',
    `An error occurred while executing the state '${state}' (entered at the event id #${enteredEvent}). The field '${field}' must be ${expected}, and it was ${JSON.stringify(actual).slice(0, 100)}.`,
    field,
  );
}
