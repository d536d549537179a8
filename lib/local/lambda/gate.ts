import type { Clock } from '../clock.ts';

/** Lets invocations begin. */
export interface Gate {
  /** Resolves when the invocation may begin, with the function to call at its end. */
  enter(): Promise<() => void>;
}

/** Invocations of one function that may be in their first moments at once. */
const slots = 24;

/** An invocation that still runs after this mostly waits: another one may begin. */
const firstMoments = 250;

/**
 * Spreads a burst of invocations over a moment. In Lambda each of 500 has a container and its own connections; in one
 * thread they would all stand in one line for these, and run into the time limits of their clients.
 */
export function createGate(clock: Clock): Gate {
  const queue: Array<() => void> = [];
  let taken = 0;

  function admit(): void {
    while (taken < slots) {
      const next = queue.shift();
      if (!next) return;
      taken += 1;
      next();
    }
  }

  /** Frees a slot once, at the end or after the first moments, whatever comes first. */
  function hold(): () => void {
    let isHeld = true;
    const free = (): void => {
      if (!isHeld) return;
      isHeld = false;
      callOff();
      taken -= 1;
      admit();
    };
    const callOff = clock.after(firstMoments, free);
    return free;
  }

  return {
    enter: () =>
      new Promise((resolve) => {
        queue.push(() => resolve(hold()));
        admit();
      }),
  };
}
