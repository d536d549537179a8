import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { KubernetesObject } from '../domain/kubernetes-object.ts';
import type { ObjectList } from './client.ts';
import { KubernetesError, parseJson } from './errors.ts';

/** What a watcher learns. A snapshot replaces all that was known. */
export type WatchEvent =
  | { type: 'snapshot'; objects: readonly KubernetesObject[] }
  | { type: 'changed'; object: KubernetesObject }
  | { type: 'removed'; object: KubernetesObject };

/** The two requests that a watch is made of. */
export interface WatchRequests {
  list(): Promise<ObjectList>;
  follow(resourceVersion: string): Promise<AsyncIterable<Uint8Array>>;
}

const Line = z.object({
  type: z.enum(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR']),
  object: z.looseObject({ code: z.number().optional(), message: z.string().optional() }),
});

/** Between two lists after a break: a server that cuts every watch at once isn't asked more often than this. */
const pause = 200;

/**
 * Follows one kind until the signal is aborted, then ends without an error. A stream that ends by itself goes on from the
 * last version seen; one that breaks, or is too old (410 Gone), begins again with a list.
 * @throws ClusterUnreachable, ClusterBusy, KubernetesError from the list
 */
export async function* watchResource(requests: WatchRequests, signal: AbortSignal): AsyncGenerator<WatchEvent> {
  while (!signal.aborted) {
    try {
      const { objects, resourceVersion } = await requests.list();
      yield { type: 'snapshot', objects };
      yield* followOn(requests, resourceVersion, signal);
    } catch (error) {
      if (signal.aborted) return;
      if (!isBreak(error)) throw error;
      await sleep(pause, undefined, { signal }).catch(() => {});
    }
  }
}

/** The stream ended in a way that a new list mends. */
class WatchBroken extends Error {}

const isBreak = (error: unknown): boolean => error instanceof WatchBroken;

async function* followOn(requests: WatchRequests, from: string, signal: AbortSignal): AsyncGenerator<WatchEvent> {
  let version = from;
  while (!signal.aborted) {
    const started = performance.now();
    for await (const line of linesOf(await opened(requests, version))) {
      const { type, object } = parseLine(line);
      const parsed = KubernetesObject.parse(object);
      version = parsed.metadata.resourceVersion ?? version;
      if (type === 'BOOKMARK') continue;
      yield { type: type === 'DELETED' ? 'removed' : 'changed', object: parsed };
    }
    if (performance.now() - started < pause) await sleep(pause, undefined, { signal }).catch(() => {});
  }
}

async function opened(requests: WatchRequests, version: string): Promise<AsyncIterable<Uint8Array>> {
  try {
    return await requests.follow(version);
  } catch (error) {
    const refused =
      error instanceof KubernetesError && error.status < 500 && ![401, 408, 410, 429].includes(error.status);
    if (refused) throw error;
    throw new WatchBroken('the watch could not be opened', { cause: error });
  }
}

function parseLine(line: string): { type: string; object: unknown } {
  const parsed = Line.safeParse(parseJson(line));
  if (!parsed.success) throw new WatchBroken('the watch was cut in the middle of a line');
  if (parsed.data.type === 'ERROR') throw new WatchBroken(parsed.data.object.message ?? 'the watch is too old');
  return parsed.data;
}

async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for await (const chunk of chunks) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line.trim() !== '') yield line;
    }
  } catch (error) {
    throw new WatchBroken('the connection was cut', { cause: error });
  }
}
