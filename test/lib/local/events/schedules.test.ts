import { describe, expect, it } from 'vitest';
import { AdjustableClock } from '../../../../lib/local/clock.ts';
import { compileSchedule } from '../../../../lib/local/events/schedule-expression.ts';
import { createSchedules, type SchedulesInput } from '../../../../lib/local/events/schedules.ts';
import { createManualClock } from '../../../support/manual-clock.ts';

const start = Date.parse('2026-01-01T00:00:00Z');
const sweep = { Arn: 'arn:aws:states:eu-central-1:000000000000:stateMachine:sweep', Input: '{}' };
const minutely = { name: 'sweep', expression: 'rate(1 minute)', timezone: 'UTC', enabled: true, target: sweep };

function setUp(more: Partial<SchedulesInput>) {
  const clock = createManualClock(start);
  const fired: { at: string; arn: string; message: unknown }[] = [];
  const schedules = createSchedules({
    clock,
    random: () => 0,
    schedules: [],
    rules: [],
    newId: () => 'new-id',
    region: 'eu-central-1',
    account: '000000000000',
    deadLetter: () => {},
    async deliver(target, message) {
      fired.push({ at: new Date(clock.now()).toISOString(), arn: target.Arn, message: JSON.parse(message) });
    },
    ...more,
  });
  return { clock, fired, schedules };
}

describe('schedules', () => {
  it('fire at their rate, with their input, until they are stopped', async () => {
    const { clock, fired, schedules } = setUp({ schedules: [minutely] });
    schedules.start();
    await clock.advance(59_999);
    expect(fired).toEqual([]);
    await clock.advance(1);
    expect(fired).toEqual([{ at: '2026-01-01T00:01:00.000Z', arn: sweep.Arn, message: {} }]);
    await clock.advance(120_000);
    expect(fired).toHaveLength(3);
    schedules.stop();
    await clock.advance(600_000);
    expect(fired).toHaveLength(3);
    expect(clock.pending).toBe(0);
  });

  it('fire once when the clock leaps over many of their times, and then keep their beat', async () => {
    const clock = new AdjustableClock();
    let count = 0;
    const deliver = async (): Promise<void> => void (count += 1);
    const { schedules } = setUp({ schedules: [minutely], clock, deliver });
    schedules.start();
    clock.advance(3 * 86_400_000);
    await expect.poll(() => count).toBe(1);
    clock.advance(60_000);
    await expect.poll(() => count).toBe(2);
    schedules.stop();
    clock.stop();
  });

  it('of rules send the event that EventBridge makes', async () => {
    const rule = {
      name: 'daily',
      bus: 'default',
      enabled: true,
      scheduleExpression: 'cron(30 2 * * ? *)',
      targets: [{ Arn: 'arn:f' }],
    };
    const { clock, fired, schedules } = setUp({ rules: [rule, { ...rule, name: 'off', enabled: false }] });
    schedules.start();
    await clock.advance(86_400_000);
    expect(fired).toMatchObject([
      {
        at: '2026-01-01T02:30:00.000Z',
        message: {
          source: 'aws.events',
          'detail-type': 'Scheduled Event',
          time: '2026-01-01T02:30:00Z',
          resources: ['arn:aws:events:eu-central-1:000000000000:rule/daily'],
          detail: {},
        },
      },
    ]);
  });

  it('go on when a target does not take one', async () => {
    let calls = 0;
    const deliver = async (): Promise<void> => {
      calls += 1;
      throw new Error('no');
    };
    const target = { ...sweep, RetryPolicy: { MaximumRetryAttempts: 0 } };
    const { clock, schedules } = setUp({ schedules: [{ ...minutely, target }], deliver });
    schedules.start();
    await clock.advance(180_000);
    expect(calls).toBe(3);
  });

  it.each([
    ['rate(0 minutes)', 'UTC'],
    ['rate(5 weeks)', 'UTC'],
    ['every day', 'UTC'],
    ['cron(0 12 * * ? *)', 'Europe/Berlin'],
    ['cron(0 12 * * * *)', 'UTC'],
    ['cron(0 12 ? * MON)', 'UTC'],
    ['cron(61 12 * * ? *)', 'UTC'],
    ['cron(0 12 3W * ? *)', 'UTC'],
    ['at(tomorrow)', 'UTC'],
  ])('are refused where they are not understood: %s in %s', (expression, timezone) => {
    expect(() => setUp({ schedules: [{ ...minutely, expression, timezone }] })).toThrow('schedule "sweep"');
  });
});

describe('a schedule expression', () => {
  const after = (expression: string, count: number): string[] => {
    const next = compileSchedule(expression, 'UTC', start);
    const times: string[] = [];
    for (let time = next(start); time !== undefined && times.length < count; time = next(time)) {
      times.push(new Date(time).toISOString().slice(0, 16));
    }
    return times;
  };

  it.each([
    ['rate(2 hours)', ['2026-01-01T02:00', '2026-01-01T04:00']],
    ['rate(1 day)', ['2026-01-02T00:00', '2026-01-03T00:00']],
    ['at(2026-05-06T07:08:09)', ['2026-05-06T07:08']],
    ['at(2025-05-06T07:08:09)', []],
    ['cron(0/20 9-10 ? * MON-FRI *)', ['2026-01-01T09:00', '2026-01-01T09:20', '2026-01-01T09:40', '2026-01-01T10:00']],
    ['cron(15,45 0 1 1/6 ? *)', ['2026-01-01T00:15', '2026-01-01T00:45', '2026-07-01T00:15']],
    ['cron(0 0 L * ? *)', ['2026-01-31T00:00', '2026-02-28T00:00']],
    ['cron(0 10 ? * 6L 2026-2027)', ['2026-01-30T10:00', '2026-02-27T10:00']],
    ['cron(0 10 ? * 2#1 *)', ['2026-01-05T10:00', '2026-02-02T10:00']],
    ['cron(0 10 ? * SUN *)', ['2026-01-04T10:00', '2026-01-11T10:00']],
    ['cron(0 0 29 FEB ? *)', ['2028-02-29T00:00', '2032-02-29T00:00']],
    ['cron(0 0 1 1 ? 2026)', []],
  ])('gives the times of %s', (expression, times) => {
    expect(after(expression, Math.max(times.length, 1))).toEqual(times);
  });
});
