import { describe, expect, it, onTestFinished } from 'vitest';
import { type ClusterAddress, createConnection } from '../../../lambdas/cluster/connection.ts';
import { createTransport } from '../../../lambdas/cluster/transport.ts';
import { aFakeApi, aStatus, type FakeAnswer, type FakeRequest } from '../../support/fake-api.ts';

type Protocol = Parameters<typeof aFakeApi>[1];

async function reaching(answer: (request: FakeRequest) => FakeAnswer | Promise<FakeAnswer>, protocol?: Protocol) {
  const api = await aFakeApi(answer, protocol);
  const located: ClusterAddress[] = [];
  let address: ClusterAddress = { endpoint: api.endpoint, ca: api.ca };
  const connection = createConnection(
    async () => {
      located.push(address);
      return address;
    },
    async () => 'secret',
  );
  onTestFinished(() => connection.close());
  return {
    api,
    located,
    transport: createTransport(connection),
    move: (to: ClusterAddress) => {
      address = to;
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
    move({ endpoint: api.endpoint, ca: other.ca });
    const asking = transport.json(get);
    await expect.poll(() => located.length).toBeGreaterThan(0);
    move({ endpoint: api.endpoint, ca: api.ca });
    expect(await asking).toEqual({ ok: true });
    expect(located.length).toBeGreaterThan(1);
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

  it('of 429 is waited for as long as it says', async () => {
    const slow = { status: 429, headers: { 'retry-after': '1' }, body: aStatus('TooManyRequests', 'slow down') };
    const { transport } = await reaching(inTurn(slow, { body: {} }));
    const started = performance.now();
    await transport.json(get);
    expect(performance.now() - started).toBeGreaterThanOrEqual(1000);
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
    const { transport } = await reaching(() => ({ status: 503 }));
    const signal = AbortSignal.timeout(50);
    await expect(transport.json({ ...get, signal })).rejects.toMatchObject({ name: 'TimeoutError' });
  });
});
