import { describe, expect, it } from 'vitest';
import type { KubernetesClient, Removal } from '../../../lambdas/cluster/client.ts';
import { KubernetesError } from '../../../lambdas/cluster/errors.ts';
import { removeByName, removeFenced } from '../../../lambdas/cluster/remove-fenced.ts';
import type { KubernetesObject } from '../../../lambdas/domain/kubernetes-object.ts';
import { markers } from '../../../lambdas/domain/markers.ts';
import type { ObjectRef } from '../../../lambdas/domain/object-ref.ts';

const target = { staging: 'shop', namespace: 'stg-shop', generation: 5 };

const anObject = (version: string, generation = '5', metadata: Partial<KubernetesObject['metadata']> = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {
    name: 'settings',
    namespace: 'stg-shop',
    uid: 'one',
    resourceVersion: version,
    annotations: { [markers.generation]: generation },
    ...metadata,
  },
});

const aNamespace = (generation: string) => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'stg-shop', annotations: { [markers.generation]: generation } },
});

/** A cluster that holds one object in versions that follow each other, one a try. */
function aCluster(versions: readonly (KubernetesObject | undefined)[], namespace = aNamespace('5')) {
  const removals: (Removal | undefined)[] = [];
  const asked: string[] = [];
  const left = [...versions];
  const current = () => left[0];
  const client = {
    get: async (ref: ObjectRef) => {
      asked.push(`get ${ref.kind}`);
      return ref.kind === 'Namespace' ? namespace : current();
    },
    annotate: async (ref: ObjectRef, annotations: Record<string, string>) => {
      asked.push(`annotate ${ref.kind} ${annotations[markers.generation]}`);
      return current();
    },
    remove: async (_ref: ObjectRef, removal?: Removal) => {
      removals.push(removal);
      if (left.length > 1) left.shift();
      if (current()?.metadata.resourceVersion === removal?.resourceVersion) return true;
      throw new KubernetesError(409, 'Conflict', 'Precondition failed', []);
    },
  } as unknown as KubernetesClient;
  return { remover: { client, target, sleep: async () => {} }, removals, asked };
}

describe('a removal', () => {
  it('names the object and the version that were read', async () => {
    const { remover, removals } = aCluster([anObject('7')]);
    await removeFenced(remover, anObject('7'));
    expect(removals).toEqual([{ uid: 'one', resourceVersion: '7' }]);
  });

  it('looks again where the version is another, and removes what is still as old', async () => {
    const { remover, removals } = aCluster([anObject('7'), anObject('8'), anObject('8')]);
    await removeFenced(remover, anObject('7'));
    expect(removals.map((removal) => removal?.resourceVersion)).toEqual(['7', '8']);
  });

  it.each<[string, KubernetesObject, KubernetesObject]>([
    ['the object', anObject('8', '6'), aNamespace('5')],
    ['the namespace', anObject('8'), aNamespace('6')],
  ])('is superseded where a newer generation has written %s meanwhile', async (_what, later, namespace) => {
    const { remover, removals } = aCluster([anObject('7'), later], namespace as ReturnType<typeof aNamespace>);
    await expect(removeFenced(remover, anObject('7'))).rejects.toMatchObject({ name: 'Superseded', newest: 6 });
    expect(removals).toHaveLength(1);
  });

  it('asks for nothing where a newer generation had written the object already', async () => {
    const { remover, removals } = aCluster([anObject('7', '6')]);
    await expect(removeFenced(remover, anObject('7', '6'))).rejects.toMatchObject({ name: 'Superseded' });
    expect(removals).toEqual([]);
  });

  it.each([
    ['is gone', undefined],
    ['is another of the same name', anObject('8', '5', { uid: 'two' })],
    ['is going', anObject('8', '5', { deletionTimestamp: '2026-03-01T12:00:00Z' })],
    ['may not go any more', anObject('8', '5', { labels: { keep: 'yes' } })],
  ])('leaves alone what %s by then', async (_what, later) => {
    const { remover, removals } = aCluster([anObject('7'), later]);
    await removeFenced(remover, anObject('7'), ({ metadata }) => metadata.labels?.['keep'] === undefined);
    expect(removals).toHaveLength(1);
  });

  it('gives up on what never stands still, to be tried again later', async () => {
    const { remover } = aCluster(Array.from({ length: 30 }, (_, index) => anObject(String(index))));
    await expect(removeFenced(remover, anObject('x'))).rejects.toMatchObject({ name: 'ClusterBusy' });
  });

  it('marks what may not be read with its own generation before it removes it', async () => {
    const secret = { ...anObject('7'), kind: 'Secret' };
    const { remover, removals, asked } = aCluster([secret]);
    await removeByName(remover, { apiVersion: 'v1', kind: 'Secret', namespace: 'stg-shop', name: 'settings' });
    expect(asked).toEqual(['annotate Secret 5']);
    expect(removals).toEqual([{ uid: 'one', resourceVersion: '7' }]);
  });
});
