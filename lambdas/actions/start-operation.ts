import type { Operation } from '../domain/operation.ts';
import type { Executions } from '../stores/executions.ts';
import type { Log } from './log.ts';

export interface StartDeps {
  executions: Executions;
  log: Log;
}

/**
 * Starts an accepted operation's execution. A start that fails is no failure of the request: the record is written, and
 * the sweep starts what nobody claimed within a minute.
 */
export const startOperation = (deps: StartDeps, operation: Operation): Promise<void> =>
  send(deps, operation, () => deps.executions.start(operation));

/** The same, made ready while the record is written; what it gives sends it, once it is. */
export function prepareOperation(deps: StartDeps, operation: Operation): () => Promise<void> {
  const start = deps.executions.prepare(operation);
  return () => send(deps, operation, start);
}

async function send(deps: StartDeps, operation: Operation, start: () => Promise<unknown>): Promise<void> {
  try {
    await start();
  } catch (error) {
    deps.log.error('execution could not be started, the sweep will', { operation: operation.id, error });
  }
}
