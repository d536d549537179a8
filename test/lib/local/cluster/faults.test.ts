import { describe, expect, it } from 'vitest';
import { clusterApi, configMap } from '../../../support/cluster-api.ts';

const maps = '/api/v1/namespaces/default/configmaps';

describe('faults', () => {
  it('refuse with 429 and say when to come again', async () => {
    const { cluster, request } = await clusterApi();
    cluster.setFaults([{ verbs: ['list'], resources: ['configmaps'], tooManyRequests: 1 }]);
    const { status, headers } = await request(maps);
    expect([status, headers['retry-after']]).toEqual([429, '1']);
    expect((await request('/api/v1/namespaces/default/secrets')).status).toBe(200);
    cluster.setFaults([]);
    expect((await request(maps)).status).toBe(200);
  });

  it('change nothing when they refuse', async () => {
    const { call, cluster, create } = await clusterApi();
    cluster.setFaults([{ verbs: ['create'], internalError: 1 }]);
    expect((await create(maps, configMap('one'))).status).toBe(500);
    expect((await call(`${maps}/one`)).status).toBe(404);
  });

  it('come in the share they are given', async () => {
    const { cluster, request } = await clusterApi();
    cluster.setFaults([{ internalError: 0.3 }]);
    const answers = await Promise.all(Array.from({ length: 200 }, () => request(maps)));
    const share = answers.filter(({ status }) => status === 500).length / 200;
    expect(share).toBeGreaterThan(0.15);
    expect(share).toBeLessThan(0.45);
  });

  it('delay by the clock', async () => {
    const { clock, cluster, request } = await clusterApi();
    cluster.setFaults([{ slow: { share: 1, milliseconds: 3000 } }]);
    let isAnswered = false;
    const answer = request(maps).then((response) => {
      isAnswered = true;
      return response;
    });
    await clock.advance(2999);
    expect(isAnswered).toBe(false);
    await clock.advance(1);
    expect((await answer).status).toBe(200);
  });

  it('cut connections', async () => {
    const { cluster, request } = await clusterApi();
    cluster.setFaults([{ cut: 1 }]);
    expect((await request(maps)).isCut).toBe(true);
  });
});
