import { describe, expect, it, onTestFinished } from 'vitest';
import { type ClusterAddress, createConnection, type Patience } from '../../../lambdas/cluster/connection.ts';
import { createTransport } from '../../../lambdas/cluster/transport.ts';
import { aFakeApi, aStatus, type FakeAnswer, type FakeRequest } from '../../support/fake-api.ts';
import { noPauses } from '../../support/no-pauses.ts';

type Protocol = Parameters<typeof aFakeApi>[1];

async function reaching(
  answer: (request: FakeRequest) => FakeAnswer | Promise<FakeAnswer>,
  protocol?: Protocol,
  first = noPauses.first,
  patience?: Patience,
) {
  const api = await aFakeApi(answer, protocol);
  const located: ClusterAddress[] = [];
  let addresses: ClusterAddress[] = [{ endpoint: api.endpoint, ca: api.ca }];
  const connection = createConnection(
    async () => {
      const [address = { endpoint: '' }, ...later] = addresses;
      if (later.length > 0) addresses = later;
      located.push(address);
      return address;
    },
    async () => 'secret',
    patience,
  );
  onTestFinished(() => connection.close());
  const slept: number[] = [];
  const sleep = async (milliseconds: number) => void slept.push(milliseconds);
  return {
    api,
    located,
    /** milliseconds, each time the server asked to be waited for */
    slept,
    transport: createTransport(connection, { first, sleep }),
    /** Where the cluster is from now on, one for each time it is looked for, the last one for ever. */
    move: (...to: ClusterAddress[]) => {
      addresses = to;
    },
  };
}

/** Answers in turn, the last one for ever. */
const inTurn = (...answers: FakeAnswer[]) => {
  let index = 0;
  return () => answers[Math.min(index++, answers.length - 1)] ?? {};
};

const get = { method: 'GET', path: '/api/v1/pods' } as const;

describe('the connection', () => {
  it.each(['h2', 'http/1.1'] as const)(
    'is kept, and carries requests beside open watches, over %s',
    async (protocol) => {
      const watching = { lines: [{ type: 'BOOKMARK', object: {} }] };
      const { transport, api } = await reaching(
        ({ query }) => (query.has('watch') ? watching : { body: { ok: true } }),
        protocol,
      );
      await transport.json(get);
      const stop = new AbortController();
      const watches = await Promise.all(
        Array.from({ length: 8 }, () => transport.stream({ ...get, query: { watch: true }, signal: stop.signal })),
      );
      const answers = await Promise.all(Array.from({ length: 50 }, () => transport.json(get)));
      expect(answers).toHaveLength(50);
      expect(api.connections()).toBeLessThanOrEqual(protocol === 'h2' ? 1 : 24);
      expect(watches).toHaveLength(8);
      stop.abort();
    },
  );

  it('sends the token over TLS, and none to a local proxy', async () => {
    const secure = await reaching(() => ({}));
    await secure.transport.json(get);
    expect(secure.api.requests[0]?.headers.authorization).toBe('Bearer secret');
    const plain = await reaching(() => ({}), 'plain');
    await plain.transport.json(get);
    expect(plain.api.requests[0]?.headers.authorization).toBeUndefined();
  });

  it('is asked for again when it fails, and goes on at the new address with the new certificate', async () => {
    const { transport, move, located } = await reaching(() => ({ body: { at: 'old' } }));
    const next = await aFakeApi(() => ({ body: { at: 'new' } }));
    expect(await transport.json(get)).toEqual({ at: 'old' });
    move({ endpoint: next.endpoint, ca: next.ca });
    expect(await transport.json(get)).toEqual({ at: 'old' });
    expect(located).toHaveLength(1);
  });

  it('finds a cluster whose certificate was changed', async () => {
    const { transport, move, api, located } = await reaching(() => ({ body: { ok: true } }));
    const other = await aFakeApi(() => ({}));
    move({ endpoint: api.endpoint, ca: other.ca }, { endpoint: api.endpoint, ca: api.ca });
    expect(await transport.json(get)).toEqual({ ok: true });
    expect(located).toHaveLength(2);
  });

  it('over which nothing comes is replaced by another one', async () => {
    const silent = new Promise<never>(() => {});
    const { transport, api } = await reaching(
      // One that is dead keeps all that comes over it.
      () => (api.connections() === 1 ? silent : { body: { ok: true } }),
      'h2',
      noPauses.first,
      { connect: 5_000, headers: 500, body: 5_000 },
    );
    expect(await Promise.all([transport.json(get), transport.json(get)])).toEqual([{ ok: true }, { ok: true }]);
    expect(await transport.json(get)).toEqual({ ok: true });
    expect(api.connections()).toBe(2);
  });

  it('that cannot be had is ClusterUnreachable, after some tries', async () => {
    const { transport, api } = await reaching(() => ({}));
    await api.close();
    await expect(transport.json(get)).rejects.toMatchObject({ name: 'ClusterUnreachable' });
  });
});

describe('an answer', () => {
  it.each([429, 500, 503, 504])('of %i is asked for again', async (status) => {
    const { transport, api } = await reaching(inTurn({ status }, { status }, { body: { ok: true } }));
    expect(await transport.json(get)).toEqual({ ok: true });
    expect(api.requests).toHaveLength(3);
  });

  it.each(['{"items": [', '<html>sign in</html>', ''])(
    'that is %j is asked for again, and never taken for one',
    async (body) => {
      const { transport } = await reaching(inTurn({ body }, { body: { ok: true } }));
      expect(await transport.json(get)).toEqual({ ok: true });
      const hopeless = await reaching(() => ({ body }));
      await expect(hopeless.transport.json(get)).rejects.toMatchObject({ name: 'ClusterUnreachable' });
    },
  );

  it('of 429 is waited for as long as it says', async () => {
    const slow = { status: 429, headers: { 'retry-after': '1' }, body: aStatus('TooManyRequests', 'slow down') };
    const { transport, slept } = await reaching(inTurn(slow, { body: {} }));
    await transport.json(get);
    expect(slept).toEqual([1000]);
  });

  it('that stays bad is ClusterBusy', async () => {
    const { transport, api } = await reaching(() => ({ status: 503, body: 'upstream is down' }));
    await expect(transport.json(get)).rejects.toMatchObject({
      name: 'ClusterBusy',
      message: expect.stringContaining('503'),
    });
    expect(api.requests).toHaveLength(5);
  });

  it('that is a refusal comes back as it is, at once', async () => {
    const causes = [{ reason: 'FieldValueInvalid', message: 'must be positive', field: 'spec.replicas' }];
    const { transport, api } = await reaching(() => ({
      status: 422,
      body: aStatus('Invalid', 'is invalid', { causes }),
    }));
    await expect(transport.json(get)).rejects.toMatchObject({
      name: 'KubernetesError',
      status: 422,
      reason: 'Invalid',
      message: 'is invalid',
      causes: [{ message: 'must be positive', field: 'spec.replicas' }],
    });
    expect(api.requests).toHaveLength(1);
  });

  it('of 500 for fields that a kind does not have is a refusal', async () => {
    const message =
      'failed to create typed patch object (a/b; apps/v1, Kind=Deployment): .spec.x: field not declared in schema';
    const { transport, api } = await reaching(() => ({ status: 500, body: aStatus('', message) }));
    await expect(transport.json(get)).rejects.toMatchObject({ name: 'KubernetesError', message });
    expect(api.requests).toHaveLength(1);
  });

  it('of 401 says that the token is not taken', async () => {
    const { transport } = await reaching(() => ({ status: 401, body: aStatus('Unauthorized', 'Unauthorized') }));
    await expect(transport.json(get)).rejects.toMatchObject({
      name: 'ClusterUnreachable',
      message: expect.stringContaining('refuses our token'),
    });
  });

  it('is no longer waited for when the caller gives up', async () => {
    const { transport } = await reaching(() => ({ status: 503 }), undefined, 60_000);
    const signal = AbortSignal.timeout(50);
    await expect(transport.json({ ...get, signal })).rejects.toMatchObject({ name: 'TimeoutError' });
  });
});
