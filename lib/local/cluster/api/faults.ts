import { ApiError } from '../api-error.ts';
import type { Random } from '../identifiers.ts';
import type { Verb } from './request.ts';

/** A share of requests that fail or lag. Shares are from 0 to 1; a rule without verbs or resources holds for all. */
export interface FaultRule {
  verbs?: readonly Verb[];
  /** plural names such as `pods` */
  resources?: readonly string[];
  /** 429 with Retry-After */
  tooManyRequests?: number;
  /** 500 */
  internalError?: number;
  /** the connection is broken off */
  cut?: number;
  slow?: { share: number; milliseconds: number };
}

export type Fault = { kind: 'refuse'; error: ApiError } | { kind: 'cut' } | { kind: 'delay'; milliseconds: number };

const tooMany = (): ApiError =>
  new ApiError(
    429,
    'TooManyRequests',
    'the server has received too many requests and has asked us to try again later',
    {
      retryAfterSeconds: 1,
    },
  );

const internal = (): ApiError =>
  new ApiError(500, 'InternalError', 'Internal error occurred: etcdserver: request timed out');

const concerns = (list: readonly string[] | undefined, value: string): boolean =>
  list === undefined || list.includes(value);

/** What goes wrong with a request, by chance. Delays come first, and something else may follow. */
export function faultsFor(rules: readonly FaultRule[], verb: Verb, plural: string, random: Random): Fault[] {
  return rules
    .filter((rule) => concerns(rule.verbs, verb) && concerns(rule.resources, plural))
    .flatMap((rule) => {
      const faults: Fault[] = [];
      const happens = (share: number | undefined): boolean => share !== undefined && random() < share;
      if (rule.slow !== undefined && happens(rule.slow.share)) {
        faults.push({ kind: 'delay', milliseconds: rule.slow.milliseconds });
      }
      if (happens(rule.cut)) faults.push({ kind: 'cut' });
      if (happens(rule.tooManyRequests)) faults.push({ kind: 'refuse', error: tooMany() });
      if (happens(rule.internalError)) faults.push({ kind: 'refuse', error: internal() });
      return faults;
    });
}
