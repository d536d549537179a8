import * as z from 'zod';
import { type Failure, ReasonCode } from './reason.ts';

/** What Step Functions writes into the cause of an error that a function threw. */
const LambdaCause = z.object({ errorMessage: z.string() });

function sentenceOf(cause: string | undefined): string | undefined {
  if (cause === undefined || cause === '') return undefined;
  try {
    return LambdaCause.safeParse(JSON.parse(cause)).data?.errorMessage ?? cause;
  } catch {
    return cause;
  }
}

const ownCodes: Readonly<Record<string, ReasonCode>> = {
  'States.Timeout': 'TimedOut',
  ClusterBusy: 'ClusterUnreachable',
};

/** The failure that a caught error tells by itself: errors that fail a deploy are named as reasons are. */
export function failureOf(error: { Error: string; Cause?: string | undefined } | undefined): Failure {
  if (!error) return { reason: { code: 'InternalError', message: 'failed without saying why' } };
  const code = ReasonCode.safeParse(error.Error).data ?? ownCodes[error.Error] ?? 'InternalError';
  const sentence = sentenceOf(error.Cause) ?? 'no more is known';
  const message = code === 'InternalError' ? `${error.Error}: ${sentence}` : sentence;
  const object = /^([A-Z][A-Za-z]*\/[A-Za-z0-9.:-]+): /.exec(sentence)?.[1];
  return { reason: { code, message: message.slice(0, 1024), ...(object === undefined ? {} : { object }) } };
}
