import type { Operation } from './operation.ts';
import type { Active, Staging } from './staging.ts';

/** An execution that nobody has claimed after this long was never started, or its start was lost: the sweep starts it. */
const startGrace = 60_000;

export const later = (now: Date, milliseconds: number): string => new Date(now.getTime() + milliseconds).toISOString();

/** The staging belongs to this operation's execution from now on, though it has yet to be started and to claim it. */
export const activate = (operation: Operation, now: Date): Active => ({
  operationId: operation.id,
  generation: operation.generation,
  kind: operation.kind,
  deadline: later(now, startGrace),
});

/** The sweep has started the execution once more: it gets the same grace again. */
export const startAgain = (staging: Staging, now: Date): Staging =>
  staging.active ? { ...staging, revision: staging.revision + 1, active: activate(staging.operation, now) } : staging;

/** The operation is over, since a newer one took its place. */
export const supersede = (operation: Operation, newest: number, now: Date): Operation => ({
  ...operation,
  endedAt: now.toISOString(),
  outcome: 'Superseded',
  reason: { code: 'Superseded', message: `superseded by generation ${newest}` },
});
