import type { Choice } from '../definition.ts';
import { StateError } from '../state-error.ts';
import type { Decision, Step } from '../step.ts';
import { leave, wrongType } from './result.ts';

/** The first rule whose Condition is true; the state's own Output and Assign belong to the Default. */
export async function evaluateChoice(step: Step<Choice>): Promise<Decision> {
  const { Choices, Default } = step.state;
  const otherwise = step.frame.input;
  for (const [index, rule] of Choices.entries()) {
    const place = `Choices[${index}]/`;
    const holds = await step.evaluate(rule.Condition, `${place}Condition`);
    if (typeof holds !== 'boolean') throw wrongType(step, `${place}Condition`, 'a boolean', holds);
    if (holds) return leave(step, { next: rule.Next, holder: rule, otherwise, place });
  }
  if (Default !== undefined) return leave(step, { next: Default, holder: step.state, otherwise });
  throw new StateError(
    'States.NoChoiceMatched',
    `An error occurred while executing the state '${step.frame.state}' (entered at the event id #${step.frame.enteredEvent}). No rule of the Choice matched, and it has no Default.`,
  );
}
