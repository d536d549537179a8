import { setTimeout } from 'node:timers/promises';
import pRetry from 'p-retry';
import { type Dispatcher, errors, request } from 'undici';
import { answered } from './answered.ts';
import type { Connection } from './connection.ts';
import { isPassing, KubernetesError, parseJson, refusal, settled } from './errors.ts';

/** One request to the API server. */
export interface Exchange {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  path: string;
  query?: Record<string, string | number | boolean | undefined>;
  body?: unknown;
  contentType?: string;
  accept?: string;
  signal?: AbortSignal | undefined;
}

/** Requests with retries; every error that leaves here is one of `errors.ts`, or the caller's own abort. */
export interface Transport {
  json(exchange: Exchange): Promise<unknown>;
  text(exchange: Exchange): Promise<string>;
  /** The body as it comes, for a watch. Not retried: whoever watches lists again first. */
  stream(exchange: Exchange): Promise<AsyncIterable<Buffer>>;
}

/** 0.1 + 0.2 + 0.4 + 0.8 s: rides over a control plane's restart of a replica; the state machine has the longer breath. */
const retries = 4;

/** How a transport waits before it tries again. */
export interface Pauses {
  /** milliseconds before the second try; each next one waits about twice as long */
  first: number;
  /** waits as long as the server asks for, in milliseconds; rejects when the signal is aborted */
  sleep: (milliseconds: number, signal: AbortSignal | undefined) => Promise<void>;
}

const patient: Pauses = {
  first: 100,
  sleep: (milliseconds, signal) => setTimeout(milliseconds, undefined, signal ? { signal } : {}),
};

/** Beyond what the API server itself allows an answer to take (60 s); a body that trickles in would go on for ever. */
const answerTimeout = 90_000;

/** No single wait that the server asks for is longer: the step's own time is short. */
const longestPause = 5_000;

function pathOf({ path, query }: Exchange): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) if (value !== undefined) parameters.set(name, String(value));
  return parameters.size === 0 ? path : `${path}?${parameters.toString()}`;
}

/**
 * Nothing came over a connection for too long. It may be dead without knowing: an HTTP/2 session of Node (seen with 24.21)
 * that is cut while it writes never hears of it, and everything that is sent over it later gets no answer either.
 */
class Silence extends Error {
  readonly dispatcher: Dispatcher;
  constructor(dispatcher: Dispatcher, cause: Error) {
    super(cause.message, { cause });
    this.dispatcher = dispatcher;
  }
}

const orSilence = (error: unknown, dispatcher: Dispatcher): unknown =>
  error instanceof errors.HeadersTimeoutError || error instanceof errors.BodyTimeoutError
    ? new Silence(dispatcher, error)
    : error;

/** Sends a request, and reads its answer. @throws KubernetesError, Silence, whatever a broken connection throws */
async function exchanged<Result>(
  connection: Connection,
  exchange: Exchange,
  read: (response: Dispatcher.ResponseData) => Promise<Result>,
): Promise<Result> {
  const [{ endpoint }, dispatcher, authorization] = await Promise.all([
    connection.address(),
    connection.dispatcher(),
    connection.authorization(),
  ]);
  const { method, body, contentType = 'application/json', accept = 'application/json', signal } = exchange;
  try {
    const responding = request(endpoint.replace(/\/$/, '') + pathOf(exchange), {
      dispatcher,
      method,
      headers: {
        accept,
        'user-agent': 'berth',
        ...(authorization === undefined ? {} : { authorization }),
        ...(body === undefined ? {} : { 'content-type': contentType }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const response = await answered(responding, signal);
    if (response.statusCode < 300) return await read(response);
    const { 'retry-after': after } = response.headers;
    throw refusal(response.statusCode, await response.body.text(), typeof after === 'string' ? after : undefined);
  } catch (error) {
    throw orSilence(error, dispatcher);
  }
}

export function createTransport(connection: Connection, { first, sleep }: Pauses = patient): Transport {
  async function recover(error: unknown, signal: AbortSignal | undefined): Promise<void> {
    if (!(error instanceof KubernetesError))
      return connection.renew(error instanceof Silence ? error.dispatcher : undefined);
    if (error.retryAfter) await sleep(Math.min(error.retryAfter, longestPause), signal);
  }
  async function once<Result>(exchange: Exchange, read: (response: Dispatcher.ResponseData) => Promise<Result>) {
    const late = AbortSignal.timeout(answerTimeout);
    const signal = exchange.signal ? AbortSignal.any([exchange.signal, late]) : late;
    return exchanged(connection, { ...exchange, signal }, read);
  }
  async function attempt<Result>(exchange: Exchange, read: (response: Dispatcher.ResponseData) => Promise<Result>) {
    const { signal } = exchange;
    try {
      return await pRetry(async () => asError(() => once(exchange, read)), {
        retries,
        minTimeout: first,
        factor: 2,
        randomize: true,
        shouldRetry: ({ error }) => isPassing(unwrap(error)),
        onFailedAttempt: ({ error, retriesLeft }) =>
          retriesLeft > 0 && isPassing(unwrap(error)) ? recover(unwrap(error), signal) : undefined,
        ...(signal ? { signal } : {}),
      });
    } catch (error) {
      signal?.throwIfAborted();
      throw settled(unwrap(error));
    }
  }
  return {
    json: (exchange) => attempt(exchange, async ({ body }) => jsonIn(await body.text())),
    text: (exchange) => attempt(exchange, ({ body }) => body.text()),
    async stream(exchange) {
      try {
        return await exchanged(connection, exchange, async ({ body }) => body);
      } catch (error) {
        exchange.signal?.throwIfAborted();
        throw error instanceof KubernetesError ? error : settled(error);
      }
    },
  };
}

/** Half an answer, or a proxy's page in place of one, is no answer: nothing is decided by it. */
function jsonIn(text: string): unknown {
  const answer = parseJson(text);
  if (typeof answer !== 'object' || answer === null) throw new Error('the answer is no JSON object');
  return answer;
}

/** p-retry gives up on a TypeError, which is how some sockets fail: so everything travels wrapped. */
class Wrapped extends Error {}

async function asError<Result>(act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (error) {
    throw new Wrapped('', { cause: error });
  }
}

const unwrap = (error: unknown): unknown => (error instanceof Wrapped ? error.cause : error);
