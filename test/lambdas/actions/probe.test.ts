import { describe, expect, it } from 'vitest';
import { awaitProbes, type Probing } from '../../../lambdas/actions/probe.ts';
import { aFakeApi, type FakeAnswer } from '../../support/fake-api.ts';

const probing = (probeBaseUrl: string, over: Partial<Probing> = {}): Probing => ({
  name: 'shop-42',
  publicBaseUrl: 'https://staging.example.com:8443',
  probeBaseUrl,
  pace: { startedAt: Date.now(), timeout: 60_000, unschedulableGrace: 0, now: Date.now },
  signal: AbortSignal.timeout(20_000),
  fence: async () => {},
  pause: async () => {},
  ...over,
});
const inTurn = (...statuses: number[]) => {
  let index = 0;
  return (): FakeAnswer => ({ status: statuses[Math.min(index++, statuses.length - 1)] ?? 200 });
};

describe('a probe', () => {
  it('asks the staging by its own host, wherever the probes go', async () => {
    const api = await aFakeApi(() => ({ status: 204 }), 'plain');
    expect(await awaitProbes(probing(api.endpoint), [{ path: '/health?full=1', status: 204 }])).toBe(true);
    expect(api.requests[0]).toMatchObject({
      method: 'GET',
      path: '/health',
      headers: { host: 'shop-42.staging.example.com:8443' },
    });
  });

  it('waits while the way to the pod is not there yet', async () => {
    const api = await aFakeApi(inTurn(404, 503, 502, 504, 404, 503, 200), 'plain');
    const pauses: number[] = [];
    const pause = async (milliseconds: number) => void pauses.push(milliseconds);
    expect(await awaitProbes(probing(api.endpoint, { pause }), [{ path: '/', status: 200 }])).toBe(true);
    expect(api.requests).toHaveLength(7);
    expect(pauses).toEqual([100, 200, 400, 800, 1000, 1000]);
  });

  it('fails when the application itself keeps answering something else', async () => {
    const api = await aFakeApi(() => ({ status: 500 }), 'plain');
    await expect(awaitProbes(probing(api.endpoint), [{ path: '/', status: 200 }])).rejects.toMatchObject({
      name: 'ProbeFailed',
      message: 'https://shop-42.staging.example.com:8443/ answers 500, and not 200',
    });
    expect(api.requests).toHaveLength(10);
  });

  it('fails when the time of the deploy is over', async () => {
    const api = await aFakeApi(() => ({ status: 503 }), 'plain');
    const late = { startedAt: 0, timeout: 1, unschedulableGrace: 0, now: Date.now };
    await expect(awaitProbes(probing(api.endpoint, { pace: late }), [{ path: '/', status: 200 }])).rejects.toThrow(
      /answers 503/,
    );
    await api.close();
    await expect(awaitProbes(probing(api.endpoint, { pace: late }), [{ path: '/', status: 200 }])).rejects.toThrow(
      /doesn't answer/,
    );
  });

  it('goes on in the next invocation when the budget is over', async () => {
    const api = await aFakeApi(() => ({ status: 503 }), 'plain');
    const { pause: _inRealTime, ...short } = probing(api.endpoint, { signal: AbortSignal.timeout(50) });
    expect(await awaitProbes(short, [{ path: '/', status: 200 }])).toBe(false);
  });

  it('stops when a newer operation was accepted', async () => {
    const api = await aFakeApi(() => ({ status: 503 }), 'plain');
    const fence = () => Promise.reject(new Error('superseded'));
    await expect(awaitProbes(probing(api.endpoint, { fence }), [{ path: '/', status: 200 }])).rejects.toThrow(
      'superseded',
    );
  });
});
