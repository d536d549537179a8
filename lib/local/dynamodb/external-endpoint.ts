import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { tableCaller } from './wire.ts';

/** A database that is slow to start, one on a JVM for instance, needs several seconds after its command was given. */
const patience = 10_000;

/** From one look to the next. */
const pause = 100;

const Listed = z.object({ TableNames: z.array(z.string()) });

/**
 * The endpoint that a text names, where it is on this machine's loopback interface; undefined for anything else. A table
 * of AWS's, or of a colleague's, is none of the local host's business.
 */
export function readLoopbackEndpoint(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !['http:', 'https:'].includes(url.protocol)) return undefined;
  const isLoopback = url.hostname === 'localhost' || url.hostname === '[::1]' || /^127(\.\d+){3}$/.test(url.hostname);
  const isBare = url.pathname === '/' && url.search === '' && url.hash === '' && url.username + url.password === '';
  return isLoopback && isBare ? url : undefined;
}

/**
 * Waits until DynamoDB's protocol is spoken at the endpoint, for at most `within` milliseconds.
 * @throws Error that names the option, and what was found instead
 */
export async function awaitDynamoDb(endpoint: URL, within = patience): Promise<void> {
  const call = tableCaller(endpoint.origin);
  const end = performance.now() + within;
  for (;;) {
    const failure = await call('ListTables', { Limit: 1 }, AbortSignal.timeout(within)).then(
      (answer) => Listed.safeParse(answer).error,
      (error: unknown) => asError(error),
    );
    if (!failure) return;
    // What speaks something else won't learn it; who doesn't listen yet may just have been started.
    const isStarting = failure instanceof TypeError;
    if (!isStarting || performance.now() + pause > end) {
      throw new Error(`--dynamodb ${endpoint.origin}: ${describe(failure, within)}`, { cause: failure });
    }
    await sleep(pause);
  }
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

function describe(failure: Error, within: number): string {
  if (failure instanceof TypeError) return `nothing answers there, for ${within / 1000} s: start the database first`;
  if (failure.name === 'TimeoutError') return `what listens there did not answer within ${within / 1000} s`;
  return `what answers there is not DynamoDB: ${failure.message}`;
}
