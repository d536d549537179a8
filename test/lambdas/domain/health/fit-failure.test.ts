import { describe, expect, it } from 'vitest';
import { failureLimit, fitFailure } from '../../../../lambdas/domain/health/fit-failure.ts';
import type { Failure } from '../../../../lambdas/domain/reason.ts';

const sizeOf = (failure: Failure) => Buffer.byteLength(JSON.stringify(failure));
const lines = (count: number, length: number) =>
  Array.from({ length: count }, (_, index) => `${index} ${'ü'.repeat(length)}`);
const reason = { code: 'CrashLoop' as const, message: 'Pod/web: crashes', object: 'Pod/web' };
const container = (logs: string[]) => ({ pod: 'web', container: 'web', state: 'terminated', restarts: 3, logs });
const event = (message: string) => ({
  object: 'Pod/web',
  reason: 'BackOff',
  message,
  count: 1,
  at: '2026-03-01T12:00:00.000Z',
});

describe('a failure', () => {
  it('that fits stays as it is', () => {
    const failure = { reason, diagnosis: { events: [event('one')], containers: [container(lines(20, 10))] } };
    expect(fitFailure(failure)).toEqual(failure);
  });

  it('is cut to size: the oldest lines of the longest log first, and events only after all lines', () => {
    const failure = {
      reason,
      diagnosis: {
        events: [event('newest'), event('oldest')],
        containers: [container(lines(20, 400)), container(lines(3, 400))],
      },
    };
    const fitted = fitFailure(failure);
    expect(sizeOf(fitted)).toBeLessThan(failureLimit);
    expect(fitted.diagnosis?.events).toHaveLength(2);
    expect(fitted.diagnosis?.containers[1]?.logs).toHaveLength(3);
    expect(fitted.diagnosis?.containers[0]?.logs.at(-1)).toBe(failure.diagnosis.containers[0]?.logs.at(-1));
  });

  it('keeps the newest events where even they are too many', () => {
    const events = Array.from({ length: 20 }, (_, index) => event(`${index} ${'x'.repeat(2000)}`));
    const fitted = fitFailure({ reason, diagnosis: { events, containers: [] } });
    expect(sizeOf(fitted)).toBeLessThan(failureLimit);
    expect(fitted.diagnosis?.events[0]?.message).toMatch(/^0 /);
  });
});
