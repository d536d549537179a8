import type { Wait } from '../definition.ts';
import type { Json } from '../json.ts';
import type { Decision, Step } from '../step.ts';
import { wholeNumber, wrongType } from './result.ts';

export async function evaluateWait(step: Step<Wait>): Promise<Decision> {
  return { do: 'stay', phase: { kind: 'wait', until: await dueTime(step) }, events: [] };
}

async function dueTime(step: Step<Wait>): Promise<number> {
  const { Seconds, Timestamp } = step.state;
  if (Timestamp !== undefined) return timestamp(step, await step.evaluate(Timestamp, 'Timestamp'));
  return step.now() + 1000 * (await wholeNumber(step, Seconds ?? 0, 'Seconds', 0));
}

function timestamp(step: Step<Wait>, value: Json): number {
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(time)) throw wrongType(step, 'Timestamp', 'an ISO 8601 time', value);
  return time;
}
