import type { BusEvent } from '../states/status-event.ts';
import type { RulePart, SchedulePart, Target } from '../template/parts.ts';
import { createDelivery, type DeliveryInput } from './delivery.ts';
import { compileSchedule, type NextTime } from './schedule-expression.ts';
import { targetInput } from './target-input.ts';

export interface SchedulesInput extends DeliveryInput {
  schedules: readonly SchedulePart[];
  /** those with a pattern instead of a schedule are left to the bus */
  rules: readonly RulePart[];
  newId: () => string;
  region: string;
  account: string;
}

export interface Schedules {
  /** Fires by the clock from now on. A clock that leaps over several times fires a schedule once. */
  start(): void;
  stop(): void;
}

interface Timed {
  name: string;
  next: NextTime;
  targets: readonly Target[];
  /** what the event says of where it comes from */
  source: 'aws.scheduler' | 'aws.events';
}

/** EventBridge Scheduler and the scheduled rules. @throws Error that names a schedule that is not understood */
export function createSchedules(input: SchedulesInput): Schedules {
  const { clock } = input;
  const delivery = createDelivery(input);
  const timed = readAll(input);
  const timers = new Map<string, () => void>();

  function arm(entry: Timed): void {
    const at = entry.next(clock.now());
    if (at === undefined) return;
    timers.set(
      entry.name,
      clock.after(at - clock.now(), () => {
        arm(entry);
        fire(entry, at);
      }),
    );
  }

  function fire(entry: Timed, at: number): void {
    const event = scheduledEvent(entry, at, input);
    for (const target of entry.targets) void delivery.send(target, targetInput(target, event, entry.name));
  }

  return {
    start() {
      for (const entry of timed) arm(entry);
    },
    stop() {
      for (const callOff of timers.values()) callOff();
      timers.clear();
      delivery.stop();
    },
  };
}

function readAll({ schedules, rules, clock }: SchedulesInput): Timed[] {
  const start = clock.now();
  const ofScheduler = schedules
    .filter(({ enabled }) => enabled)
    .map(({ name, expression, timezone, target }) => ({
      name: `schedule/${name}`,
      next: named(name, () => compileSchedule(expression, timezone, start)),
      targets: [target],
      source: 'aws.scheduler' as const,
    }));
  const ofRules = rules
    .filter(({ enabled }) => enabled)
    .flatMap(({ name, scheduleExpression, targets }) => {
      if (scheduleExpression === undefined) return [];
      const next = named(name, () => compileSchedule(scheduleExpression, 'UTC', start));
      return [{ name: `rule/${name}`, next, targets, source: 'aws.events' as const }];
    });
  return [...ofScheduler, ...ofRules];
}

function named(name: string, read: () => NextTime): NextTime {
  try {
    return read();
  } catch (error) {
    throw new Error(`schedule "${name}": ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

function scheduledEvent(
  { name, source }: Timed,
  at: number,
  { newId, region, account }: Pick<SchedulesInput, 'newId' | 'region' | 'account'>,
): BusEvent {
  const service = source === 'aws.events' ? 'events' : 'scheduler';
  return {
    version: '0',
    id: newId(),
    'detail-type': 'Scheduled Event',
    source,
    account,
    time: new Date(at).toISOString().replace(/\.\d+Z$/u, 'Z'),
    region,
    resources: [`arn:aws:${service}:${region}:${account}:${name}`],
    detail: {},
  };
}
