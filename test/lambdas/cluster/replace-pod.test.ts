import { describe, expect, it } from 'vitest';
import type { KubernetesClient } from '../../../lambdas/cluster/client.ts';
import { KubernetesError } from '../../../lambdas/cluster/errors.ts';
import { replacePod } from '../../../lambdas/cluster/replace-pod.ts';
import type { KubernetesObject } from '../../../lambdas/domain/kubernetes-object.ts';
import { describeRef } from '../../../lambdas/domain/object-ref.ts';

const target = { staging: 'shop', namespace: 'stg-shop', generation: 5 };
const pod = (resourceVersion: string): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'database-0', namespace: 'stg-shop', uid: 'one', resourceVersion },
});

/** A cluster that answers a mark and a removal so. */
function answering(mark: () => KubernetesObject | undefined, removal: () => boolean = () => true) {
  const asked: unknown[] = [];
  const client = {
    annotate: async (...[ref, annotations, version]: Parameters<KubernetesClient['annotate']>) => {
      asked.push(['mark', describeRef(ref), annotations, version]);
      return mark();
    },
    remove: async (...[ref, meant]: Parameters<KubernetesClient['remove']>) => {
      asked.push(['remove', describeRef(ref), meant]);
      return removal();
    },
  } as unknown as KubernetesClient;
  return { remover: { client, target }, asked };
}

const refusing = (status: number, message: string) => (): never => {
  throw new KubernetesError(status, '', message, []);
};
const marking = ['mark', 'Pod/database-0', { 'berth.dev/generation': '5' }, '7'];

describe('a pod that is to be replaced', () => {
  it('is marked as it was read, and removed as it was marked', async () => {
    const { remover, asked } = answering(() => pod('8'));
    await replacePod(remover, pod('7'));
    expect(asked).toEqual([marking, ['remove', 'Pod/database-0', { uid: 'one', resourceVersion: '8' }]]);
  });

  it('is left to be looked at again where it has changed meanwhile', async () => {
    const changed = answering(refusing(409, 'Conflict'));
    await replacePod(changed.remover, pod('7'));
    expect(changed.asked).toEqual([marking]);
    const later = answering(() => pod('8'), refusing(409, 'Conflict'));
    await replacePod(later.remover, pod('7'));
    expect(later.asked).toHaveLength(2);
  });

  it('may be gone', async () => {
    const { remover, asked } = answering(() => undefined);
    await replacePod(remover, pod('7'));
    expect(asked).toEqual([marking]);
  });

  it('is named where the API server refuses', async () => {
    const { remover } = answering(() => pod('8'), refusing(403, 'database-0 is not of Berth'));
    await expect(replacePod(remover, pod('7'))).rejects.toMatchObject({
      name: 'ApplyRejected',
      message: 'Pod/database-0: database-0 is not of Berth',
    });
  });
});
