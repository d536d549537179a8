import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../lib/local/clock.ts';

export interface ManualClock extends Clock {
  /** Moves time and calls what falls due, in order, with all that follows from it before the next. */
  advance(milliseconds: number): Promise<void>;
  /** The same for what is done in the callbacks themselves: no promise is waited for. */
  tick(milliseconds: number): void;
  /** how many timers wait */
  readonly pending: number;
}

/** Time that stands still until it is moved. */
export function createManualClock(start = Date.parse('2026-01-01T00:00:00Z')): ManualClock {
  let now = start;
  const timers = new Set<{ at: number; callback: () => void }>();
  const nextUntil = (end: number): { at: number; callback: () => void } | undefined =>
    [...timers].filter((timer) => timer.at <= end).toSorted((a, b) => a.at - b.at)[0];
  return {
    now: () => now,
    after(milliseconds, callback) {
      const timer = { at: now + Math.max(milliseconds, 0), callback };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    async advance(milliseconds) {
      const end = now + milliseconds;
      await settle();
      for (let timer = nextUntil(end); timer; timer = nextUntil(end)) {
        timers.delete(timer);
        now = Math.max(now, timer.at);
        timer.callback();
        await settle();
      }
      now = end;
    },
    tick(milliseconds) {
      const end = now + milliseconds;
      for (let timer = nextUntil(end); timer; timer = nextUntil(end)) {
        timers.delete(timer);
        now = Math.max(now, timer.at);
        timer.callback();
      }
      now = end;
    },
    get pending() {
      return timers.size;
    },
  };
}

/** Lets every promise that can be resolved be resolved. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await setImmediate();
}
