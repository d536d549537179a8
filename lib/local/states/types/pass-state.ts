import type { Pass } from '../definition.ts';
import type { Decision, Step } from '../step.ts';
import { leave } from './result.ts';

export const evaluatePass = (step: Step<Pass>): Promise<Decision> =>
  leave(step, { next: step.state.Next, holder: step.state, otherwise: step.frame.input });
