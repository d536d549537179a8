import type { Fail } from '../definition.ts';
import { StateError } from '../state-error.ts';
import type { Decision, Step } from '../step.ts';
import { wrongType } from './result.ts';

export async function evaluateFail(step: Step<Fail>): Promise<Decision> {
  const error = await text(step, 'Error', step.state.Error);
  const cause = await text(step, 'Cause', step.state.Cause);
  return { do: 'fail', error: new StateError(error ?? '', cause), events: [] };
}

async function text(step: Step<Fail>, field: string, template: string | undefined): Promise<string | undefined> {
  if (template === undefined) return undefined;
  const value = await step.evaluate(template, field);
  if (typeof value === 'string') return value;
  throw wrongType(step, field, 'a string', value);
}
