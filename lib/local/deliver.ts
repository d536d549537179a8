import type { Deliver } from './events/delivery.ts';
import type { Functions } from './lambda/functions.ts';
import type { States } from './states/states.ts';

export interface DeliverParts {
  functions: Pick<Functions, 'invokeAsync'>;
  states: Pick<States, 'startExecution'>;
}

/** Delivers to functions and state machines, the kinds of target that the template uses. */
export const createDeliver =
  ({ functions, states }: DeliverParts): Deliver =>
  async (target, message) => {
    const service = target.Arn.split(':')[2];
    if (service === 'lambda') await functions.invokeAsync(target.Arn, message);
    else if (service === 'states') await states.startExecution({ stateMachineArn: target.Arn, input: message });
    else throw new Error(`the local host does not deliver to ${target.Arn}`);
  };
