import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BerthApi, kubectlGet, until } from '../support/berth-api.ts';
import { startTestHost, type TestHost } from '../support/test-host.ts';

let host: TestHost;
let berth: BerthApi;

beforeAll(async () => {
  host = await startTestHost({ movesTime: true });
  berth = host.berth;
});
afterAll(() => host.close());

const deployed = async (name: string, ttl: string) =>
  berth.ended((await berth.put(name, { blueprint: 'hello', ttl })).operation.id);

describe('time', () => {
  it('ends a staging whose lifetime is over, and leaves the others alone', async () => {
    await Promise.all([deployed('short', '1h'), deployed('long', '10d')]);

    await berth.advance('2h');
    await until(async () => (await berth.staging('short')).status === 'Deleted');

    expect((await berth.staging('short')).operation).toMatchObject({ kind: 'teardown', cause: 'expiry' });
    expect(await kubectlGet(host.kubectl, 'namespace', 'stg-short')).toEqual([]);
    expect((await berth.page('short')).status).toBe(404);
    expect(await berth.staging('long')).toMatchObject({ status: 'Running' });
    expect((await berth.page('long')).status).toBe(200);
  });

  it('only moves forward, by a duration', async () => {
    const before = (await berth.call('GET', '/_local/clock')).body.now;
    for (const body of [{ advance: '-1h' }, { advance: 'soon' }, { advance: '' }, {}, { forward: '1h' }]) {
      expect((await berth.call('POST', '/_local/clock', body)).status).toBe(400);
    }
    expect((await berth.call('GET', '/_local/clock')).body.now >= before).toBe(true);
  });
});
