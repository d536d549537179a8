import type { KubernetesObject } from '../../../../lambdas/domain/kubernetes-object.ts';
import { listAt, recordAt, textAt, valueAt } from '../json.ts';
import {
  dataCount,
  duration,
  externalIp,
  hostsOf,
  ingressAddress,
  jobState,
  nodeState,
  pairs,
  podState,
  portsOf,
  readyOf,
  restartsOf,
  scaleTarget,
} from './table-cells.ts';

export interface Column {
  name: string;
  type: 'string' | 'integer';
  value(object: KubernetesObject): unknown;
  /** given, it comes behind the age; 1 is shown to those alone who ask for wide tables */
  priority?: 0 | 1;
}

const wide = (column: Column): Column => ({ ...column, priority: 1 });

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

const ofContainers = (name: string, key: string): Column =>
  wide(
    computed(name, (object) =>
      listAt(object, 'spec', 'template', 'spec', 'containers')
        .map((container) => textAt(container, '', key))
        .join(','),
    ),
  );
const containers: readonly Column[] = [ofContainers('Containers', 'name'), ofContainers('Images', 'image')];
const selectorColumn = (...path: readonly string[]): Column =>
  wide(computed('Selector', (object) => pairs(recordAt(object, ...path))));
const selected: readonly Column[] = [...containers, selectorColumn('spec', 'selector', 'matchLabels')];

/** Columns between name and age, for kinds that have something to say there. */
export const columnsByKind: Record<string, readonly Column[]> = {
  Namespace: [text('Status', 'status', 'phase')],
  Pod: [
    computed('Ready', readyOf),
    computed('Status', podState),
    { name: 'Restarts', type: 'integer', value: restartsOf },
    wide(text('IP', 'status', 'podIP')),
    wide(text('Node', 'spec', 'nodeName')),
  ],
  Deployment: [
    ready(['spec', 'replicas'], ['status', 'readyReplicas']),
    count('Up-to-date', 'status', 'updatedReplicas'),
    count('Available', 'status', 'availableReplicas'),
    ...selected,
  ],
  ReplicaSet: [
    count('Desired', 'spec', 'replicas'),
    count('Current', 'status', 'replicas'),
    count('Ready', 'status', 'readyReplicas'),
    ...selected,
  ],
  StatefulSet: [ready(['spec', 'replicas'], ['status', 'readyReplicas']), ...containers],
  DaemonSet: [
    count('Desired', 'status', 'desiredNumberScheduled'),
    count('Current', 'status', 'currentNumberScheduled'),
    count('Ready', 'status', 'numberReady'),
    count('Up-to-date', 'status', 'updatedNumberScheduled'),
    count('Available', 'status', 'numberAvailable'),
    computed('Node Selector', (object) => pairs(recordAt(object, 'spec', 'template', 'spec', 'nodeSelector'))),
    ...selected,
  ],
  Job: [
    computed('Status', jobState),
    { ...ready(['spec', 'completions'], ['status', 'succeeded']), name: 'Completions' },
    computed('Duration', duration),
    ...selected,
  ],
  CronJob: [
    text('Schedule', 'spec', 'schedule'),
    text('Timezone', 'spec', 'timeZone'),
    text('Suspend', 'spec', 'suspend'),
    { name: 'Active', type: 'integer', value: (cron) => listAt(cron, 'status', 'active').length },
    text('Last Schedule', 'status', 'lastScheduleTime'),
  ],
  Service: [
    text('Type', 'spec', 'type'),
    text('Cluster-IP', 'spec', 'clusterIP'),
    computed('External-IP', externalIp),
    computed('Port(s)', portsOf),
    selectorColumn('spec', 'selector'),
  ],
  Ingress: [
    text('Class', 'spec', 'ingressClassName'),
    computed('Hosts', hostsOf),
    computed('Address', ingressAddress),
    computed('Ports', (ingress) => (listAt(ingress, 'spec', 'tls').length > 0 ? '80, 443' : '80')),
  ],
  PersistentVolumeClaim: [
    text('Status', 'status', 'phase'),
    text('Volume', 'spec', 'volumeName'),
    text('Capacity', 'status', 'capacity', 'storage'),
    computed('Access Modes', (claim) => listAt(claim, 'status', 'accessModes').join(',')),
    text('StorageClass', 'spec', 'storageClassName'),
    text('VolumeAttributesClass', 'spec', 'volumeAttributesClassName'),
  ],
  HorizontalPodAutoscaler: [
    computed('Reference', scaleTarget),
    // What is measured is no part of the simulation.
    computed('Targets', () => '<unknown>'),
    text('MinPods', 'spec', 'minReplicas'),
    text('MaxPods', 'spec', 'maxReplicas'),
    count('Replicas', 'status', 'currentReplicas'),
  ],
  Node: [
    computed('Status', nodeState),
    computed('Roles', () => '<none>'),
    { ...text('Version', 'status', 'nodeInfo', 'kubeletVersion'), priority: 0 },
  ],
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
