import { describe, expect, it } from 'vitest';
import type { Clock } from '../../../../lib/local/clock.ts';
import { createGate } from '../../../../lib/local/lambda/gate.ts';

/** Timers that ring when they are told to. */
function handClock() {
  const timers = new Set<() => void>();
  const clock: Clock = {
    now: () => 0,
    after: (_milliseconds, callback) => {
      timers.add(callback);
      return () => timers.delete(callback);
    },
  };
  const ring = (): void => {
    const due = [...timers];
    timers.clear();
    for (const callback of due) callback();
  };
  return { clock, ring, timers };
}

const settled = () => new Promise(setImmediate);

describe('the gate before a function’s thread', () => {
  it('lets a burst in by parts, each as soon as another one ends or has had its first moments', async () => {
    const { clock, ring, timers } = handClock();
    const gate = createGate(clock);
    const entered: Array<() => void> = [];
    for (let count = 0; count < 60; count += 1) void gate.enter().then((leave) => entered.push(leave));

    await settled();
    expect(entered).toHaveLength(24);
    entered[0]?.();
    await settled();
    expect(entered).toHaveLength(25);
    ring();
    await settled();
    expect(entered).toHaveLength(49);
    ring();
    await settled();
    expect(entered).toHaveLength(60);
    for (const leave of entered) leave();
    expect(timers.size).toBe(0);
  });

  it('frees a slot once, though an invocation ends after its first moments', async () => {
    const { clock, ring } = handClock();
    const gate = createGate(clock);
    const first = await gate.enter();
    ring();
    first();
    first();
    const entered: Array<() => void> = [];
    for (let count = 0; count < 30; count += 1) void gate.enter().then((leave) => entered.push(leave));
    await settled();
    expect(entered).toHaveLength(24);
  });
});
