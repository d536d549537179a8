import type { Functions } from './lambda/functions.ts';
import type { States } from './states/states.ts';
import type { Target } from './template/parts.ts';
import type { DeadLetter } from './undelivered.ts';

export interface DeliverParts {
  functions: Pick<Functions, 'invokeAsync'>;
  states: Pick<States, 'startExecution'>;
  deadLetter: DeadLetter;
}

/** Brings a JSON text to the target of a rule or a schedule; what can't be brought goes to the target's dead-letter queue. */
export type Deliver = (target: Target, message: string) => Promise<void>;

/** Delivers to functions and state machines, the kinds of target that the template uses. */
export const createDeliver =
  ({ functions, states, deadLetter }: DeliverParts): Deliver =>
  async (target, message) => {
    const service = target.Arn.split(':')[2];
    try {
      if (service === 'lambda') functions.invokeAsync(target.Arn, message);
      else if (service === 'states') await states.startExecution({ stateMachineArn: target.Arn, input: message });
      else throw new Error(`the local host does not deliver to ${target.Arn}`);
    } catch (error) {
      if (target.DeadLetterConfig?.Arn === undefined) throw error;
      deadLetter(target.DeadLetterConfig.Arn, message, String(error));
    }
  };
