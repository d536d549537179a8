import type { Clock } from '../clock.ts';

/** Timers by owner and name: at most one each. */
export interface Timers {
  /** @param at milliseconds since 1970; the past is soon */
  set(owner: string, name: string, at: number, callback: () => void): void;
  clear(owner: string, name: string): void;
  clearAll(owner?: string): void;
  readonly size: number;
}

export function createTimers(clock: Clock): Timers {
  const owners = new Map<string, Map<string, () => void>>();
  const clear = (owner: string, name: string): void => {
    const timers = owners.get(owner);
    timers?.get(name)?.();
    timers?.delete(name);
    if (timers?.size === 0) owners.delete(owner);
  };
  const clearAll = (owner?: string): void => {
    for (const each of owner === undefined ? [...owners.keys()] : [owner]) {
      for (const name of owners.get(each)?.keys() ?? []) clear(each, name);
    }
  };
  return {
    set(owner, name, at, callback) {
      clear(owner, name);
      const timers = owners.get(owner) ?? new Map<string, () => void>();
      owners.set(owner, timers);
      const run = (): void => {
        timers.delete(name);
        if (timers.size === 0 && owners.get(owner) === timers) owners.delete(owner);
        callback();
      };
      timers.set(name, clock.after(Math.max(at - clock.now(), 0), run));
    },
    clear,
    clearAll,
    get size() {
      return [...owners.values()].reduce((sum, timers) => sum + timers.size, 0);
    },
  };
}
