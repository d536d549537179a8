import { Conflict } from '../domain/errors.ts';

/** Time and chance, as arguments. */
export interface Pace {
  now(): Date;
  sleep(milliseconds: number): Promise<void>;
  /** in [0, 1) */
  random(): number;
}

/** Five turns with full jitter are some 400 ms together: enough for a handful of writers, short for one caller. */
const turns = 5;

/**
 * Reads, decides and writes; where somebody else wrote in between, all of it once more, a few times.
 * @throws Conflict where even the last turn came too late
 */
export async function tryAgain<Result>(pace: Pace, attempt: () => Promise<Result>): Promise<Result> {
  for (let turn = 1; ; turn += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof Conflict) || turn === turns) throw error;
      await pace.sleep(pace.random() * 25 * 2 ** turn);
    }
  }
}
