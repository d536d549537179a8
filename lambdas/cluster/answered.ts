import type { Dispatcher } from 'undici';

type Response = Dispatcher.ResponseData;

/**
 * The response to a request, or the caller's abort, whichever comes first; an abort later on ends the body. The request
 * itself is not aborted before its headers came: over HTTP/2 Node takes headers that still arrive for a stream which was
 * given up as a new stream, nobody listens to that, and when the connection ends its error ends the process.
 * @throws the signal's reason
 */
export async function answered(responding: Promise<Response>, signal: AbortSignal | undefined): Promise<Response> {
  if (!signal) return responding;
  const aborted = Promise.withResolvers<never>();
  const giveUp = (): void => aborted.reject(signal.reason);
  signal.addEventListener('abort', giveUp);
  if (signal.aborted) giveUp();
  try {
    const response = await Promise.race([responding, aborted.promise]);
    endWith(signal, response.body);
    return response;
  } catch (error) {
    responding.then(({ body }) => drop(body, error), ignore);
    throw error;
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}

function endWith(signal: AbortSignal, body: Response['body']): void {
  const end = (): void => drop(body, signal.reason);
  signal.addEventListener('abort', end);
  body.once('close', () => signal.removeEventListener('abort', end));
}

function drop(body: Response['body'], reason: unknown): void {
  body.on('error', ignore);
  body.destroy(reason instanceof Error ? reason : new Error(String(reason)));
}

const ignore = (): void => {};
