import type { MapState } from '../definition.ts';
import type { ChildInput } from '../execution.ts';
import type { Json } from '../json.ts';
import { checkPayload, inlineMapConcurrency } from '../limits.ts';
import type { Decision, Step } from '../step.ts';
import { wholeNumber, wrongType } from './result.ts';

export async function evaluateMap(step: Step<MapState>): Promise<Decision> {
  const items = await mapItems(step);
  const inputs = await Promise.all(items.map((item, index) => iterationInput(step, item, index)));
  const limit = await wholeNumber(step, step.state.MaxConcurrency ?? 0, 'MaxConcurrency', 0);
  const concurrency = limit === 0 ? inlineMapConcurrency : Math.min(limit, inlineMapConcurrency);
  const phase = { kind: 'children', inputs, concurrency, tolerated: await tolerated(step, items.length) } as const;
  const details = { mapStateStartedEventDetails: { length: items.length } };
  return { do: 'stay', phase, events: [{ type: 'MapStateStarted', details }] };
}

async function mapItems(step: Step<MapState>): Promise<readonly Json[]> {
  const { Items } = step.state;
  const items = Items === undefined ? step.frame.input : await step.evaluate(Items, 'Items');
  if (!Array.isArray(items)) throw wrongType(step, 'Items', 'an array', items);
  return items;
}

async function iterationInput(step: Step<MapState>, item: Json, index: number): Promise<ChildInput> {
  const { ItemSelector } = step.state;
  if (ItemSelector === undefined) return { input: item, item };
  const input = await step.evaluate(ItemSelector, 'ItemSelector', { item: { index, value: item } });
  checkPayload(input, `The state/task '${step.frame.state}' has an iteration`);
  return { input, item };
}

/** How many iterations may fail; the lower one counts where both are given. */
async function tolerated(step: Step<MapState>, items: number): Promise<number> {
  const { ToleratedFailureCount: count, ToleratedFailurePercentage: percentage } = step.state;
  if (count === undefined && percentage === undefined) return 0;
  const byCount = count === undefined ? items : await wholeNumber(step, count, 'ToleratedFailureCount', 0);
  const share = percentage === undefined ? 100 : await step.evaluate(percentage, 'ToleratedFailurePercentage');
  if (typeof share !== 'number') throw wrongType(step, 'ToleratedFailurePercentage', 'a number', share);
  return Math.min(byCount, Math.floor((items * share) / 100));
}
