import { describe, expect, it } from 'vitest';
import { clusterApi, configMap } from '../../../../support/cluster-api.ts';

const maps = '/api/v1/namespaces/default/configmaps';

const seen = (events: { type: string; object: { metadata: { name: string } } }[]): string[] =>
  events.map(({ type, object }) => `${type} ${object.metadata.name}`);

describe('watches', () => {
  it('tell every change after the given version, and none before', async () => {
    const { call, create, watch } = await clusterApi();
    await create(maps, configMap('before'));
    const { body: list } = await call(maps);
    await create(maps, configMap('between'));
    const { events } = await watch(`${maps}?watch=true&resourceVersion=${list.metadata.resourceVersion}`);
    await create(maps, configMap('after'));
    await call(`${maps}/before`, { method: 'DELETE' });
    expect(seen(events)).toEqual(['ADDED between', 'ADDED after', 'DELETED before']);
  });

  it('begin with what is there, and mark its end when asked to', async () => {
    const { watch } = await clusterApi();
    const { events } = await watch(`${maps}?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan`);
    expect(events.map(({ type }) => type)).toEqual(['ADDED', 'BOOKMARK']);
    expect(events.at(-1).object.metadata.annotations).toEqual({ 'k8s.io/initial-events-end': 'true' });
  });

  it('tell an object that stops matching as deleted', async () => {
    const { call, create, watch } = await clusterApi();
    const { events } = await watch(`${maps}?watch=true&labelSelector=on%3Dyes`);
    await create(maps, configMap('a', {}, { on: 'yes' }));
    await call(`${maps}/a`, {
      method: 'PATCH',
      type: 'application/merge-patch+json',
      body: { metadata: { labels: { on: 'no' } } },
    });
    expect(seen(events)).toEqual(['ADDED a', 'DELETED a']);
  });

  it('end after the time they were asked for', async () => {
    const { clock, watch } = await clusterApi();
    const { hasEnded } = await watch(`${maps}?watch=true&timeoutSeconds=5`);
    await clock.advance(4999);
    expect(hasEnded()).toBe(false);
    await clock.advance(1);
    expect(hasEnded()).toBe(true);
  });

  it('send bookmarks to those who want them', async () => {
    const { clock, watch } = await clusterApi();
    const { events } = await watch(
      `${maps}?watch=true&allowWatchBookmarks=true&resourceVersion=0&fieldSelector=metadata.name%3Dx`,
    );
    await clock.advance(60_000);
    expect(events).toMatchObject([{ type: 'BOOKMARK', object: { kind: 'ConfigMap' } }]);
  });

  it('answer a version that is too old with one error event', async () => {
    const { call, create, watch } = await clusterApi();
    const { body: first } = await create(maps, configMap('a'));
    for (let index = 0; index < 2100; index += 1) {
      await call(`${maps}/a`, {
        method: 'PATCH',
        type: 'application/merge-patch+json',
        body: { data: { index: String(index) } },
      });
    }
    const { events } = await watch(`${maps}?watch=true&resourceVersion=${first.metadata.resourceVersion}`);
    expect(events).toMatchObject([{ type: 'ERROR', object: { code: 410, reason: 'Expired' } }]);
  });
});
