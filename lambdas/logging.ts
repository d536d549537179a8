import { Logger } from '@aws-lambda-powertools/logger';

/** One logger a container; service and level come from Powertools' own variables. */
const logger = new Logger();

/**
 * A logger of one invocation: what it is about is on every line. A child of its own, since invocations may interleave
 * where a function isn't hosted by Lambda, and keys on the one logger would be each other's.
 */
export function invocationLogger(keys: Record<string, unknown>): Logger {
  const child = logger.createChild();
  child.appendKeys(keys);
  return child;
}
