import type { KubernetesObject } from '../../../../lambdas/domain/kubernetes-object.ts';
import { isRecord, listAt, recordAt, textAt, valueAt } from '../json.ts';

export interface Column {
  name: string;
  type: 'string' | 'integer';
  value(object: KubernetesObject): unknown;
}

const text = (name: string, ...path: readonly string[]): Column => ({
  name,
  type: 'string',
  value: (object) => textAt(object, '<none>', ...path),
});

const count = (name: string, ...path: readonly string[]): Column => ({
  name,
  type: 'integer',
  value: (object) => Number(valueAt(object, ...path) ?? 0),
});

const computed = (name: string, value: (object: KubernetesObject) => unknown): Column => ({
  name,
  type: 'string',
  value,
});

const ready = (wanted: readonly string[], have: readonly string[]): Column =>
  computed('Ready', (object) => `${Number(valueAt(object, ...have) ?? 0)}/${Number(valueAt(object, ...wanted) ?? 0)}`);

const containerStatuses = (pod: KubernetesObject): readonly unknown[] => listAt(pod, 'status', 'containerStatuses');

/** What a person asks first about a pod: why a container isn't running, or else the phase. */
function podState(pod: KubernetesObject): string {
  if (pod.metadata.deletionTimestamp !== undefined) return 'Terminating';
  for (const status of [...listAt(pod, 'status', 'initContainerStatuses'), ...containerStatuses(pod)]) {
    const state = recordAt(status, 'state');
    const reason = valueAt(state, 'waiting', 'reason') ?? valueAt(state, 'terminated', 'reason');
    if (typeof reason === 'string') return reason;
  }
  return textAt(pod, 'Unknown', 'status', 'phase');
}

const readyOf = (pod: KubernetesObject): string =>
  `${containerStatuses(pod).filter((status) => isRecord(status) && status['ready'] === true).length}/${listAt(pod, 'spec', 'containers').length}`;

const restartsOf = (pod: KubernetesObject): number =>
  containerStatuses(pod).reduce<number>((sum, status) => sum + Number(valueAt(status, 'restartCount') ?? 0), 0);

const jobState = (job: KubernetesObject): string => {
  const found = listAt(job, 'status', 'conditions').find(
    (one) => isRecord(one) && one['status'] === 'True' && (one['type'] === 'Complete' || one['type'] === 'Failed'),
  );
  return textAt(found, 'Running', 'type');
};

const portsOf = (service: KubernetesObject): string =>
  listAt(service, 'spec', 'ports')
    .map((port) => `${String(valueAt(port, 'port'))}/${String(valueAt(port, 'protocol'))}`)
    .join(',') || '<none>';

const hostsOf = (ingress: KubernetesObject): string =>
  listAt(ingress, 'spec', 'rules')
    .map((rule) => textAt(rule, '*', 'host'))
    .join(',') || '*';

const dataCount = (object: KubernetesObject): number => Object.keys(recordAt(object, 'data')).length;

/** Columns between name and age, for kinds that have something to say there. */
export const columnsByKind: Record<string, readonly Column[]> = {
  Namespace: [text('Status', 'status', 'phase')],
  Pod: [
    computed('Ready', readyOf),
    computed('Status', podState),
    { name: 'Restarts', type: 'integer', value: restartsOf },
  ],
  Deployment: [
    ready(['spec', 'replicas'], ['status', 'readyReplicas']),
    count('Up-to-date', 'status', 'updatedReplicas'),
    count('Available', 'status', 'availableReplicas'),
  ],
  ReplicaSet: [
    count('Desired', 'spec', 'replicas'),
    count('Current', 'status', 'replicas'),
    count('Ready', 'status', 'readyReplicas'),
  ],
  StatefulSet: [ready(['spec', 'replicas'], ['status', 'readyReplicas'])],
  DaemonSet: [
    count('Desired', 'status', 'desiredNumberScheduled'),
    count('Current', 'status', 'currentNumberScheduled'),
    count('Ready', 'status', 'numberReady'),
  ],
  Job: [computed('Status', jobState), ready(['spec', 'completions'], ['status', 'succeeded'])],
  CronJob: [text('Schedule', 'spec', 'schedule'), text('Suspend', 'spec', 'suspend')],
  Service: [text('Type', 'spec', 'type'), text('Cluster-IP', 'spec', 'clusterIP'), computed('Port(s)', portsOf)],
  Ingress: [text('Class', 'spec', 'ingressClassName'), computed('Hosts', hostsOf)],
  PersistentVolumeClaim: [text('Status', 'status', 'phase'), text('Volume', 'spec', 'volumeName')],
  ConfigMap: [{ name: 'Data', type: 'integer', value: dataCount }],
  Secret: [text('Type', 'type'), { name: 'Data', type: 'integer', value: dataCount }],
  Event: [
    text('Type', 'type'),
    text('Reason', 'reason'),
    computed(
      'Object',
      (event) =>
        `${String(valueAt(event, 'involvedObject', 'kind')).toLowerCase()}/${String(valueAt(event, 'involvedObject', 'name'))}`,
    ),
    text('Message', 'message'),
  ],
};
