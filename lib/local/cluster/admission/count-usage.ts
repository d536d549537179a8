import { isDeepStrictEqual } from 'node:util';
import type { KubernetesObject } from '../../../../lambdas/domain/kubernetes-object.ts';
import type { Clock } from '../../clock.ts';
import { type JsonRecord, recordAt, valueAt, withValueAt } from '../json.ts';
import type { ObjectStore } from '../object-store.ts';
import type { ServedResources } from '../resources.ts';
import { controllerUser } from '../write-context.ts';
import { amountText } from './pod-resources.ts';
import { isFelt, usageIn } from './usage.ts';

/**
 * Until a quota's controller has seen what its spec says: what it allows is what its status says. The real one takes
 * 1 to 4 ms where nothing else keeps it busy.
 */
const countingLag = 3;

const isBehind = (quota: KubernetesObject): boolean =>
  !isDeepStrictEqual(valueAt(quota, 'spec', 'hard'), valueAt(quota, 'status', 'hard'));

/** Keeps the status of quotas as things come and go. @returns ends the work */
export function countUsage(store: ObjectStore, resources: ServedResources, clock: Clock): () => void {
  const { table } = store;
  const quotas = resources.builtIn('v1', 'ResourceQuota');
  const waiting = new Set<() => void>();

  const count = (quota: KubernetesObject, hard: JsonRecord): void => {
    const names = Object.keys(hard);
    const used = usageIn(table, quota.metadata.namespace ?? '', names);
    const amounts = names.map((name) => [name, amountText(name, used[name] ?? 0)]);
    const status = { hard, used: Object.fromEntries(amounts) };
    if (isDeepStrictEqual(recordAt(quota, 'status'), status)) return;
    store.update(withValueAt(quota, ['status'], status), { user: controllerUser, subresource: 'status' });
  };
  const takeUp = ({ metadata: { namespace, name = '' } }: KubernetesObject): void => {
    const callOff = clock.after(countingLag, () => {
      waiting.delete(callOff);
      const quota = table.get(quotas, namespace, name)?.object;
      if (quota !== undefined) count(quota, recordAt(quota, 'spec', 'hard'));
    });
    waiting.add(callOff);
  };

  const stop = table.subscribe((change) => {
    const { namespace } = change.object.metadata;
    if (namespace === undefined) return;
    if (change.resource === quotas && change.type !== 'DELETED' && isBehind(change.object)) takeUp(change.object);
    for (const { object: quota } of table.list(quotas, namespace)) {
      const hard = recordAt(quota, 'status', 'hard');
      if (isFelt(change, Object.keys(hard))) count(quota, hard);
    }
  });
  return () => {
    stop();
    for (const callOff of waiting) callOff();
  };
}
