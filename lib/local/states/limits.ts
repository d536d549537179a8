import { byteLength, type Json } from './json.ts';
import { StateError } from './state-error.ts';

/** Quotas of Standard workflows, docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
const payloadBytes = 262_144;
const variablesBytes = 10 * 1024 * 1024;
export const historyEvents = 25_000;
/** An inline Map without MaxConcurrency runs up to 40 iterations at once. */
export const inlineMapConcurrency = 40;

/**
 * @param what "The state/task 'X' returned a result"
 * @throws StateError States.DataLimitExceeded
 */
export function checkPayload(value: Json, what: string): void {
  if (byteLength(value) <= payloadBytes) return;
  throw new StateError(
    'States.DataLimitExceeded',
    `${what} with a size exceeding the maximum number of bytes service limit.`,
  );
}

/** @param variables all that the state can see afterwards @throws StateError States.DataLimitExceeded */
export function checkVariables(variables: Json): void {
  if (byteLength(variables) <= variablesBytes) return;
  throw new StateError('States.DataLimitExceeded', 'The variables of the execution take more than 10 MiB.');
}
