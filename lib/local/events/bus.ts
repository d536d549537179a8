import { toJson } from '../states/json.ts';
import type { BusEvent } from '../states/status-event.ts';
import type { RulePart } from '../template/parts.ts';
import { createDelivery, type DeliveryInput } from './delivery.ts';
import { compilePattern, type Matches } from './pattern.ts';
import { answerPutEvents, type PutEventsAnswer, type PutEventsRequest } from './put-events.ts';
import { targetInput } from './target-input.ts';

export interface EventBusInput extends DeliveryInput {
  /** those with a schedule instead of a pattern are left to the schedules */
  rules: readonly RulePart[];
  /** names of the buses that are there, beside `default` */
  buses: readonly { name: string }[];
  newId: () => string;
  region: string;
  account: string;
}

export interface EventBus {
  /**
   * Brings an event to every target of every rule that matches.
   * @returns when all of them took it, or it lies with the dead letters
   */
  put(event: BusEvent, bus?: string): Promise<void>;
  /** Answers a POST whose X-Amz-Target is `AWSEvents.PutEvents` (application/x-amz-json-1.1). */
  handle(request: PutEventsRequest): Promise<PutEventsAnswer>;
  stop(): void;
}

interface Listener {
  rule: RulePart;
  matches: Matches;
}

/** The local EventBridge. @throws Error that names a rule whose pattern is not understood */
export function createEventBus(input: EventBusInput): EventBus {
  const delivery = createDelivery(input);
  const listeners = input.rules.filter((rule) => rule.enabled && rule.pattern !== undefined).map(listen);
  const names = new Set(['default', ...input.buses.map(({ name }) => name)]);

  async function put(event: BusEvent, bus = 'default'): Promise<void> {
    const json = toJson(event);
    const matching = listeners.filter(({ rule, matches }) => rule.bus === bus && matches(json));
    await Promise.all(
      matching.flatMap(({ rule }) =>
        rule.targets.map((target) => delivery.send(target, targetInput(target, event, rule.name))),
      ),
    );
  }

  return {
    put,
    handle: async (request) =>
      answerPutEvents(request, {
        ...input,
        hasBus: (name) => names.has(name),
        put: (event, bus) => void put(event, bus),
      }),
    stop: () => delivery.stop(),
  };
}

function listen(rule: RulePart): Listener {
  try {
    return { rule, matches: compilePattern(toJson(rule.pattern)) };
  } catch (error) {
    throw new Error(`rule "${rule.name}": ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
