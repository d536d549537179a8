import type { Log } from '../actions/log.ts';
import type { OperationStore } from '../stores/operations.ts';

export interface TellDeps {
  operations: Pick<OperationStore, 'startStep' | 'endStep'>;
  log: Log;
  /** milliseconds since 1970 */
  now: () => number;
}

/**
 * Runs a step and tells its operation when it began and how it ended. The telling neither delays the step nor fails it:
 * it is for people who look on.
 */
export async function tellStep<Answer>(
  { operations, log, now }: TellDeps,
  operation: { staging: string; generation: number },
  step: string,
  run: () => Promise<Answer>,
): Promise<Answer> {
  const at = (): string => new Date(now()).toISOString();
  const told = (write: Promise<void>): Promise<void> =>
    write.catch((error: unknown) => log.warn('the step could not be told', { step, error }));
  const start = told(operations.startStep(operation, step, at()));
  const end = async (error?: string): Promise<void> => {
    await start;
    await told(operations.endStep(operation, step, at(), error));
  };
  try {
    const answer = await run();
    await end();
    return answer;
  } catch (error) {
    await end(error instanceof Error ? error.name : 'Error');
    throw error;
  }
}
