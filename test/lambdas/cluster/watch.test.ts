import { describe, expect, it } from 'vitest';
import { KubernetesError } from '../../../lambdas/cluster/errors.ts';
import { type WatchEvent, type WatchRequests, watchResource } from '../../../lambdas/cluster/watch.ts';
import type { KubernetesObject } from '../../../lambdas/domain/kubernetes-object.ts';

const pod = (name: string, resourceVersion: string): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, resourceVersion },
});
const line = (type: string, object: unknown): string => `${JSON.stringify({ type, object })}\n`;
const bookmark = (resourceVersion: string) =>
  line('BOOKMARK', { apiVersion: 'v1', kind: 'Pod', metadata: { resourceVersion } });

type Stream = AsyncGenerator<Uint8Array>;
async function* chunks(...texts: string[]): Stream {
  for (const text of texts) yield new TextEncoder().encode(text);
}
async function* broken(...texts: string[]): Stream {
  yield* chunks(...texts);
  throw new Error('ECONNRESET');
}

/** Lists that count up, and streams in turn; after the last the watch is over. */
function following(...streams: (() => Stream | Promise<Stream>)[]) {
  const stop = new AbortController();
  const followed: string[] = [];
  let lists = 0;
  const requests: WatchRequests = {
    list: async () => {
      lists += 1;
      return { objects: [pod('listed', `${lists}00`)], resourceVersion: `${lists}00` };
    },
    follow: async (version) => {
      followed.push(version);
      const next = streams.shift();
      if (next) return next();
      stop.abort();
      return chunks();
    },
  };
  return { requests, followed, stop, lists: () => lists };
}

async function seen({ requests, stop }: ReturnType<typeof following>) {
  const events: string[] = [];
  const nameOf = (event: WatchEvent) => (event.type === 'snapshot' ? event.objects.length : event.object.metadata.name);
  for await (const event of watchResource(requests, stop.signal)) events.push(`${event.type} ${nameOf(event)}`);
  return events;
}

describe('a watch', () => {
  it('begins with a list, and follows from its version', async () => {
    const watch = following(() => chunks(line('ADDED', pod('a', '101')), line('DELETED', pod('a', '102'))));
    expect(await seen(watch)).toEqual(['snapshot 1', 'changed a', 'removed a']);
    expect(watch.followed[0]).toBe('100');
  });

  it('reads lines however they are cut into packets, umlauts too', async () => {
    const text = line('MODIFIED', pod('grün', '101')) + line('ADDED', pod('b', '102'));
    const bytes = new TextEncoder().encode(text);
    async function* single(): Stream {
      for (const byte of bytes) yield Uint8Array.of(byte);
    }
    expect(await seen(following(single))).toEqual(['snapshot 1', 'changed grün', 'changed b']);
  });

  it('goes on from the last version or bookmark where the server ends it', async () => {
    const watch = following(
      () => chunks(line('ADDED', pod('a', '101')), bookmark('150')),
      () => chunks(line('ADDED', pod('b', '151'))),
    );
    expect(await seen(watch)).toEqual(['snapshot 1', 'changed a', 'changed b']);
    expect(watch.followed).toEqual(['100', '150', '151']);
    expect(watch.lists()).toBe(1);
  });

  it('lists again where the connection is cut', async () => {
    const watch = following(() => broken(line('ADDED', pod('a', '101'))));
    expect(await seen(watch)).toEqual(['snapshot 1', 'changed a', 'snapshot 1']);
    expect(watch.followed[1]).toBe('200');
  });

  it('lists again where the version is too old', async () => {
    const gone = line('ERROR', { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' });
    expect(await seen(following(() => chunks(gone)))).toEqual(['snapshot 1', 'snapshot 1']);
    const refused = () => Promise.reject(new KubernetesError(410, 'Expired', 'too old', []));
    expect(await seen(following(refused))).toEqual(['snapshot 1', 'snapshot 1']);
  });

  it('lists again where its token was refused: that may pass, and the list has tries of its own', async () => {
    const unauthorized = () => Promise.reject(new KubernetesError(401, 'Unauthorized', 'Unauthorized', []));
    expect(await seen(following(unauthorized))).toEqual(['snapshot 1', 'snapshot 1']);
  });

  it('ends with the refusal where it is not allowed', async () => {
    const forbidden = () => Promise.reject(new KubernetesError(403, 'Forbidden', 'pods is forbidden', []));
    await expect(seen(following(forbidden))).rejects.toMatchObject({ name: 'KubernetesError', status: 403 });
  });

  it('ends with the list’s own failure', async () => {
    const watch = following();
    watch.requests.list = () => Promise.reject(new KubernetesError(403, 'Forbidden', 'no', []));
    await expect(seen(watch)).rejects.toMatchObject({ status: 403 });
  });

  it('ends without a word when it is called off', async () => {
    const watch = following(() => chunks(line('ADDED', pod('a', '101'))));
    const events: string[] = [];
    for await (const event of watchResource(watch.requests, watch.stop.signal)) {
      events.push(event.type);
      watch.stop.abort();
    }
    expect(events).toEqual(['snapshot']);
  });
});
