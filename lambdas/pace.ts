import { setTimeout } from 'node:timers/promises';
import type { Pace } from './actions/try-again.ts';

/** The machine's time and chance, as actions take them. */
export const pace: Pace = {
  now: () => new Date(),
  sleep: (milliseconds) => setTimeout(milliseconds),
  random: Math.random,
};
