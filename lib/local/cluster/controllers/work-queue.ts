import type { Clock } from '../../clock.ts';

export interface WorkQueue {
  /** Asks for work on a key, at once or after some milliseconds. A key waits at most once, at its earliest time. */
  add(key: string, after?: number): void;
  /** Resolves as soon as no key waits for its turn; keys that are to be looked at later do not count. */
  idle: () => Promise<void>;
  stop(): void;
}

interface Options {
  clock: Clock;
  /** Does one key's work; the returned milliseconds, if any, are when to look at it again. */
  work: (key: string) => number | undefined;
  /** told of every failure; the key is tried again, ever later */
  onError?: ((key: string, error: unknown) => void) | undefined;
}

/** Keys per turn: low enough that requests are answered between two turns while hundreds of stagings come up at once. */
const keysPerTurn = 64;
const firstRetry = 10;
const longestRetry = 30_000;

/** A queue as the controllers of Kubernetes have it: one entry a key, worked off in order, failures tried again with growing delays. */
export function createWorkQueue({ clock, work, onError }: Options): WorkQueue {
  const waiting = new Set<string>();
  const later = new Map<string, { at: number; cancel: () => void }>();
  const failures = new Map<string, number>();
  let idlers: (() => void)[] = [];
  let cancelTurn: (() => void) | undefined;
  let isStopped = false;

  function add(key: string, after = 0): void {
    if (isStopped) return;
    if (after > 0) return addLater(key, after);
    waiting.add(key);
    cancelTurn ??= clock.after(0, turn);
  }

  function addLater(key: string, after: number): void {
    const at = clock.now() + after;
    const planned = later.get(key);
    if (planned !== undefined && planned.at <= at) return;
    planned?.cancel();
    const cancel = clock.after(after, () => {
      later.delete(key);
      add(key);
    });
    later.set(key, { at, cancel });
  }

  function turn(): void {
    cancelTurn = undefined;
    for (let count = 0; count < keysPerTurn; count += 1) {
      const [key] = waiting;
      if (key === undefined) break;
      waiting.delete(key);
      run(key);
    }
    if (waiting.size > 0 && !isStopped) cancelTurn ??= clock.after(0, turn);
    if (waiting.size === 0) release();
  }

  function run(key: string): void {
    try {
      const after = work(key);
      failures.delete(key);
      if (after !== undefined) addLater(key, Math.max(after, 1));
    } catch (error) {
      const count = failures.get(key) ?? 0;
      failures.set(key, count + 1);
      onError?.(key, error);
      addLater(key, Math.min(firstRetry * 2 ** count, longestRetry));
    }
  }

  function release(): void {
    const released = idlers;
    idlers = [];
    for (const resolve of released) resolve();
  }

  return {
    add,
    idle: () => (waiting.size === 0 ? Promise.resolve() : new Promise((resolve) => idlers.push(resolve))),
    stop() {
      isStopped = true;
      cancelTurn?.();
      for (const { cancel } of later.values()) cancel();
      later.clear();
      waiting.clear();
      release();
    },
  };
}
