import * as z from 'zod';
import { longestMessage } from './errors.ts';
import { type Failure, ReasonCode } from './reason.ts';

/** What Step Functions writes into the cause of an error that a function threw. */
const LambdaCause = z.object({ errorMessage: z.string() });

function sentenceOf(cause: string | undefined): string | undefined {
  if (cause === undefined || cause === '') return undefined;
  try {
    return LambdaCause.safeParse(JSON.parse(cause)).data?.errorMessage ?? cause;
  } catch {
    return cutSentence(cause) ?? cause;
  }
}

/** Step Functions cuts causes at 32,768 characters, mostly in the middle of the stack, which comes last. */
function cutSentence(cause: string): string | undefined {
  const text = /"errorMessage":("(?:[^"\\]|\\.)*)/.exec(cause)?.[1];
  if (text === undefined) return undefined;
  try {
    return z.string().safeParse(JSON.parse(`${text}"`)).data;
  } catch {
    return undefined;
  }
}

const ownCodes: Readonly<Record<string, ReasonCode>> = {
  'States.Timeout': 'TimedOut',
  'Sandbox.Timedout': 'TimedOut',
  ClusterBusy: 'ClusterUnreachable',
};

/** The failure that a caught error tells by itself: errors that fail a deploy are named as reasons are. */
export function failureOf(error: { Error: string; Cause?: string | undefined } | undefined): Failure {
  if (!error) return { reason: { code: 'InternalError', message: 'failed without saying why' } };
  const code = ReasonCode.safeParse(error.Error).data ?? ownCodes[error.Error] ?? 'InternalError';
  const sentence = sentenceOf(error.Cause) ?? 'no more is known';
  const message = code === 'InternalError' ? `${error.Error}: ${sentence}` : sentence;
  const object = /^([A-Z][A-Za-z]{0,62}\/[A-Za-z0-9.:-]{1,253}): /.exec(sentence)?.[1];
  const told = message.slice(0, longestMessage).toWellFormed();
  return { reason: { code, message: told, ...(object === undefined ? {} : { object }) } };
}
