import type { Parallel } from '../definition.ts';
import { checkPayload } from '../limits.ts';
import type { Decision, Step } from '../step.ts';

/** Each branch gets the same input: the Arguments, or the state's own. */
export async function evaluateParallel(step: Step<Parallel>): Promise<Decision> {
  const { Arguments, Branches } = step.state;
  const input = Arguments === undefined ? step.frame.input : await step.evaluate(Arguments, 'Arguments');
  checkPayload(input, `The state/task '${step.frame.state}' has branches`);
  const inputs = Branches.map(() => ({ input }));
  const phase = { kind: 'children', inputs, concurrency: inputs.length, tolerated: 0 } as const;
  return { do: 'stay', phase, events: [{ type: 'ParallelStateStarted' }] };
}
