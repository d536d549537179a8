import type { Operation } from '../domain/operation.ts';
import type { Executions } from '../stores/executions.ts';
import type { Log } from './log.ts';

/**
 * Starts an accepted operation's execution. A start that fails is no failure of the request: the record is written, and
 * the sweep starts what nobody claimed within a minute.
 */
export async function startOperation(deps: { executions: Executions; log: Log }, operation: Operation): Promise<void> {
  try {
    await deps.executions.start(operation);
  } catch (error) {
    deps.log.error('execution could not be started, the sweep will', { operation: operation.id, error });
  }
}
