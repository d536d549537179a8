import type { Succeed } from '../definition.ts';
import type { Decision, Step } from '../step.ts';
import { leave } from './result.ts';

export const evaluateSucceed = (step: Step<Succeed>): Promise<Decision> =>
  leave(step, { next: undefined, holder: step.state, otherwise: step.frame.input });
