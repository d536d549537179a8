import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clusterApi, configMap, namespace } from '../../../support/cluster-api.ts';
import { onFullDisk } from '../../../support/full-disk.ts';

const maps = '/api/v1/namespaces/shop/configmaps';

describe('the state on disk', () => {
  let dataDir: string;
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'berth-cluster-'));
  });
  afterEach(() => rm(dataDir, { recursive: true, force: true }));

  it('is there again after a kill: objects, versions and who owns their fields', async () => {
    const first = await clusterApi({ dataDir });
    await first.create('/api/v1/namespaces', namespace('shop'));
    const { body: before } = await first.apply(`${maps}/one`, configMap('one', { a: '1' }));
    await first.create(maps, configMap('two'));
    await first.call(`${maps}/two`, { method: 'DELETE' });

    const { call, create } = await clusterApi({ dataDir });
    expect((await call(`${maps}/one`)).body).toEqual(before);
    expect((await call(`${maps}/two`)).status).toBe(404);
    const { body: next } = await create(maps, configMap('three'));
    expect(Number(next.metadata.resourceVersion)).toBeGreaterThan(Number(before.metadata.resourceVersion));
  });

  it('forgets a last line that was cut short', async () => {
    const first = await clusterApi({ dataDir });
    await first.create('/api/v1/namespaces', namespace('shop'));
    await appendFile(join(dataDir, 'objects.jsonl'), '{"type":"put","revis');
    const { call } = await clusterApi({ dataDir });
    expect((await call('/api/v1/namespaces/shop')).status).toBe(200);
  });

  it('is whole again once a full disk has room', async () => {
    const module = new URL('../../../support/cluster-api.ts', import.meta.url);
    const printed = onFullDisk(
      256,
      `import { clusterApi, configMap } from ${JSON.stringify(module)};
      const { create, call } = await clusterApi({ dataDir: ${JSON.stringify(dataDir)} });
      const maps = '/api/v1/namespaces/default/configmaps';
      const statuses = [];
      for (const name of ['one', 'two']) {
        statuses.push((await create(maps, configMap(name, { text: 'x'.repeat(200_000) }))).status);
      }
      await call(maps + '/two', { method: 'DELETE' });
      statuses.push((await create(maps, configMap('three'))).status);
      console.log(statuses.join());
      process.exit();`,
    );
    expect(printed).toBe('201,500,201');
    const { call } = await clusterApi({ dataDir });
    const found = ['one', 'two', 'three'].map((name) => call(`/api/v1/namespaces/default/configmaps/${name}`));
    expect((await Promise.all(found)).map(({ status }) => status)).toEqual([200, 404, 200]);
  });

  it('goes on with a deletion that was under way', async () => {
    const first = await clusterApi({ dataDir });
    await first.create('/api/v1/namespaces', namespace('shop'));
    const metadata = { name: 'one', finalizers: ['example.com/keep'] };
    await first.create(maps, { ...configMap('one'), metadata });
    await first.call('/api/v1/namespaces/shop', { method: 'DELETE' });

    const { call } = await clusterApi({ dataDir });
    const body = { metadata: { finalizers: null } };
    await call(`${maps}/one`, { method: 'PATCH', type: 'application/merge-patch+json', body });
    expect((await call('/api/v1/namespaces/shop')).status).toBe(404);
  });

  it('does not grow with every write for ever', async () => {
    const { call, create } = await clusterApi({ dataDir });
    await create('/api/v1/namespaces', namespace('shop'));
    await create(maps, configMap('one'));
    const text = 'x'.repeat(500_000);
    for (let index = 0; index < 20; index += 1) {
      const body = { data: { text: `${text}${index}` } };
      await call(`${maps}/one`, { method: 'PATCH', type: 'application/merge-patch+json', body });
    }
    expect((await readFile(join(dataDir, 'objects.jsonl'))).length).toBeLessThan(5_000_000);
    const again = await clusterApi({ dataDir });
    expect((await again.call(`${maps}/one`)).body.data.text).toBe(`${text}19`);
  });
});
