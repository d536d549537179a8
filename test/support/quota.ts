import { until } from './berth-api.ts';
import type { TestCluster } from './cluster.ts';
import { image } from './deploys.ts';
import { aPod } from './objects.ts';

/** Waits until an API server holds a new namespace to its quota: it hears of one a moment after whoever reads it does. */
export const quotaIsFelt = ({ transport }: TestCluster, namespace: string): Promise<void> =>
  until(async () => {
    const resources = { requests: { cpu: '1000000' } };
    const body = aPod('too-much', undefined, { containers: [{ name: 'web', image: image('1.0'), resources }] });
    const path = `/api/v1/namespaces/${namespace}/pods`;
    const refusal = await transport.json({ method: 'POST', path, query: { dryRun: 'All' }, body }).catch(String);
    return String(refusal).includes('exceeded quota');
  });
