import { expect, it } from 'vitest';
import type { KubernetesClient } from '../../../lambdas/cluster/client.ts';
import { whatHolds } from '../../../lambdas/cluster/what-holds.ts';

const failing = {
  type: 'NamespaceDeletionDiscoveryFailure',
  status: 'True',
  message: 'Discovery failed for some groups, 1 failing: metrics.k8s.io/v1beta1: stale GroupVersion discovery',
};
const told = { type: 'NamespaceContentRemaining', status: 'False', message: 'All content successfully removed' };

it.each([
  ['its own finalizers', ['example.com/hold'], 'is held by example.com/hold; '],
  ['what its controller meets', [], 'is still going away; '],
])('a namespace is held by %s, and what is told beside it is quoted', async (_what, finalizers, held) => {
  const namespace = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'stg-shop', deletionTimestamp: '2026-03-01T12:00:00Z', finalizers },
    status: { conditions: [told, failing] },
  };
  const client = { get: async () => namespace } as unknown as KubernetesClient;
  expect(await whatHolds(client, 'stg-shop')).toBe(`Namespace/stg-shop: ${held}${failing.message}`);
});
