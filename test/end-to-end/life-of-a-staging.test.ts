import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eksTokens } from '../../lambdas/cluster/token.ts';
import { type ApiAnswer, type BerthApi, kubectlGet, kubectlPrints, until } from '../support/berth-api.ts';
import { startTestHost, type TestHost } from '../support/test-host.ts';

let host: TestHost;
let berth: BerthApi;

beforeAll(async () => {
  host = await startTestHost();
  berth = host.berth;
});
afterAll(() => host.close());

/** As the cluster function on the local host signs it. */
const berthToken = eksTokens({
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  region: 'us-east-1',
  now: Date.now,
});

const image = (tag: string) => ({ blueprint: 'hello', values: { imageTag: tag } });

const deployed = async (name: string, body: object) => berth.ended((await berth.put(name, body)).operation.id);

/** What answers once it is as told: whoever passes requests on hears of new pods, and of the end of old ones, after Berth. */
async function answering(name: string, facts: { image: string; readyPods?: number }): Promise<ApiAnswer['body']> {
  let body: ApiAnswer['body'];
  await until(async () => {
    ({ body } = await berth.page(name));
    return Object.entries(facts).every(([fact, value]) => body[fact] === value);
  });
  return body;
}

describe.concurrent('a staging', () => {
  it('comes up at its own address', async () => {
    const { staging, operation } = await berth.put('up', { ...image('1.0'), source: { commit: '4f2a9c1d' } });
    expect(staging).toMatchObject({ name: 'up', status: 'Pending', generation: 1, owner: 'local' });
    expect(staging.url).toBe(`http://up.staging.localhost:${host.port}/`);

    expect(await berth.ended(operation.id)).toMatchObject({ kind: 'deploy', outcome: 'Succeeded', actor: 'local' });

    expect(await berth.staging('up')).toMatchObject({ status: 'Running' });
    const page = await berth.page('up');
    const facts = { staging: 'up', image: 'public.ecr.aws/berth/hello:1.0', commit: '4f2a9c1d' };
    expect(page).toMatchObject({ status: 200, body: facts });
  });

  it('costs no operation where nothing would change', async () => {
    const asked = { ...image('1.0'), source: { branch: 'feature/a', commit: 'abcdef0' } };
    await deployed('same', asked);
    const { status, body } = await berth.call('PUT', '/v1/stagings/same', asked);
    expect(status).toBe(200);
    expect(body).not.toHaveProperty('operation');
    expect(body.staging).toMatchObject({ generation: 1, source: { branch: 'feature/a', commit: 'abcdef0' } });
  });

  it('is updated in place', async () => {
    await deployed('changing', image('1.0'));
    const values = { imageTag: '2.0', greeting: 'Changed', replicas: 2 };
    expect(await deployed('changing', { blueprint: 'hello', values })).toMatchObject({ outcome: 'Succeeded' });
    const { settings } = await answering('changing', { image: 'public.ecr.aws/berth/hello:2.0', readyPods: 2 });
    expect(settings).toContainEqual(expect.objectContaining({ name: 'GREETING', value: 'Changed' }));
  });

  it.each([
    ['missing', 'ImageNotFound'],
    ['denied', 'ImagePullDenied'],
    ['crash', 'CrashLoop'],
  ])('fails with a named cause where its image is "%s"', async (tag, code) => {
    const operation = await deployed(`bad-${tag}`, image(tag));
    expect(operation).toMatchObject({ outcome: 'Failed', reason: { code } });
    expect(operation.reason?.object).toMatch(/^Pod\/hello-/);
    expect(await berth.staging(`bad-${tag}`)).toMatchObject({ status: 'Failed', reason: { code } });
  });

  it('keeps answering with the former build where an update fails, and comes back', async () => {
    await deployed('steady', image('1.0'));
    await deployed('steady', image('missing'));
    expect(await berth.page('steady')).toMatchObject({
      status: 200,
      body: { image: 'public.ecr.aws/berth/hello:1.0' },
    });
    expect(await deployed('steady', image('3.0'))).toMatchObject({ outcome: 'Succeeded' });
    await answering('steady', { image: 'public.ecr.aws/berth/hello:3.0' });
  });

  it('is made of a chart with hooks and a database just as well', async () => {
    expect(await deployed('store', { blueprint: 'shop' })).toMatchObject({ outcome: 'Succeeded' });
    expect(await berth.page('store')).toMatchObject({ status: 200 });
    expect(await kubectlGet(host.kubectl, 'statefulsets,cronjobs', '--namespace', 'stg-store')).not.toEqual([]);
  });

  it('becomes another product, which is installed and not upgraded', async () => {
    await deployed('turning', image('1.0'));
    const operation = await deployed('turning', { blueprint: 'shop' });
    expect(operation).toMatchObject({ outcome: 'Succeeded' });
    await answering('turning', { image: 'public.ecr.aws/berth/shop-web:1.0' });
  });

  it('is named after its branch where the caller has no name', async () => {
    const { status, body } = await berth.call('POST', '/v1/stagings', {
      ...image('1.0'),
      branch: 'Feature/Check_Out',
    });
    expect(status).toBe(202);
    expect(body.staging.name).toMatch(/^feature-check-out-[a-z0-9]{7}$/);
    await berth.ended(body.operation.id);
  });
});

describe.concurrent('requests that meet', () => {
  it('end with the newer one running and the older superseded, when they come in the same instant', async () => {
    const answers = await Promise.all([berth.put('race', image('2.0')), berth.put('race', image('3.0'))]);
    const [older, newer] = answers.toSorted((a, b) => a.operation.generation - b.operation.generation);

    const [first, second] = await Promise.all([berth.ended(older!.operation.id), berth.ended(newer!.operation.id)]);

    expect(first).toMatchObject({ generation: 1, outcome: 'Superseded' });
    expect(second).toMatchObject({ generation: 2, outcome: 'Succeeded' });
    expect(await berth.staging('race')).toMatchObject({ status: 'Running', values: newer?.staging.values });
    await answering('race', { image: `public.ecr.aws/berth/hello:${newer === answers[0] ? '2.0' : '3.0'}` });
    const { body } = await berth.call('GET', '/v1/stagings/race/operations');
    expect(body.operations.map((operation: { outcome: string }) => operation.outcome)).toEqual([
      'Succeeded',
      'Superseded',
    ]);
  });

  it('leave nothing in the cluster when a DELETE comes during a deploy', async () => {
    const { operation } = await berth.put('leaving', image('never-ready'));
    await berth.inStep(operation.id, 'AwaitHealthy');

    const { status, body } = await berth.call('DELETE', '/v1/stagings/leaving');

    expect(status).toBe(202);
    expect(await berth.ended(body.operation.id)).toMatchObject({ kind: 'teardown', outcome: 'Succeeded' });
    expect(await berth.ended(operation.id)).toMatchObject({ outcome: 'Superseded' });
    expect(await berth.staging('leaving')).toMatchObject({ status: 'Deleted' });
    expect(await kubectlGet(host.kubectl, 'namespace', 'stg-leaving')).toEqual([]);
    expect((await berth.page('leaving')).status).toBe(404);
  });

  it('leave no way back for an execution that wakes up late: the cluster refuses its generation', async () => {
    await deployed('woken', image('1.0'));
    await deployed('woken', image('2.0'));
    const late = [...host.kubectl, '--token', await berthToken('local'), '--namespace', 'stg-woken'];
    const object = ['annotate', '--overwrite', 'deployment', 'hello'];
    const namespace = ['annotate', '--overwrite', 'namespace', 'stg-woken'];

    for (const what of [object, namespace]) {
      await expect(kubectlPrints(late, ...what, 'berth.dev/generation=1')).rejects.toThrow(
        'generation 1 is older than the namespace, which is at 2',
      );
    }
    expect(await kubectlPrints(late, ...object, 'berth.dev/generation=2', 'note=own')).toContain('annotated');
  });

  it('refuse a sequence that is older than the last one accepted', async () => {
    await deployed('ordered', { ...image('2.0'), sequence: 7 });
    const { status, body } = await berth.call('PUT', '/v1/stagings/ordered', { ...image('1.0'), sequence: 6 });
    expect(status).toBe(409);
    expect(body.detail).toContain('7');
  });
});

describe.concurrent('the end of a staging', () => {
  it('comes by DELETE, again and again is fine, and the name can be used anew', async () => {
    await deployed('brief', image('1.0'));
    const gone = await berth.call('DELETE', '/v1/stagings/brief');
    await berth.ended(gone.body.operation.id);
    expect((await berth.call('DELETE', '/v1/stagings/brief')).status).toBeLessThan(300);
    expect(await kubectlGet(host.kubectl, 'namespace', 'stg-brief')).toEqual([]);

    expect(await deployed('brief', image('2.0'))).toMatchObject({ outcome: 'Succeeded', generation: 3 });
  });
});
