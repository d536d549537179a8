import { setTimeout as sleep } from 'node:timers/promises';

/** Calls once in a while until the signal is aborted, never twice at a time. Ends with what `act` throws. */
export async function every(milliseconds: number, signal: AbortSignal, act: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    await sleep(milliseconds, undefined, { signal }).catch(() => {});
    if (!signal.aborted) await act();
  }
}

/** The fence is asked this often while something is waited for. */
export const fenceInterval = 1_000;

/**
 * Waits while the fence holds.
 * @throws what `fence` throws, and then `wait`'s signal is aborted
 */
export async function fenced<Result>(
  signal: AbortSignal,
  fence: () => Promise<void>,
  wait: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const stop = new AbortController();
  const isOver = AbortSignal.any([signal, stop.signal]);
  const ended = Promise.withResolvers<never>();
  every(fenceInterval, isOver, fence).catch(ended.reject);
  try {
    return await Promise.race([wait(isOver), ended.promise]);
  } finally {
    stop.abort();
  }
}
