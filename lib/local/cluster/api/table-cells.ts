import type { KubernetesObject } from '../../../../lambdas/domain/kubernetes-object.ts';
import { isRecord, listAt, recordAt, textAt, valueAt } from '../json.ts';

const containerStatuses = (pod: KubernetesObject): readonly unknown[] => listAt(pod, 'status', 'containerStatuses');

/** What a person asks first about a pod: why a container isn't running, or else the phase. */
export function podState(pod: KubernetesObject): string {
  if (pod.metadata.deletionTimestamp !== undefined) return 'Terminating';
  for (const status of [...listAt(pod, 'status', 'initContainerStatuses'), ...containerStatuses(pod)]) {
    const state = recordAt(status, 'state');
    const reason = valueAt(state, 'waiting', 'reason') ?? valueAt(state, 'terminated', 'reason');
    if (typeof reason === 'string') return reason;
  }
  return textAt(pod, 'Unknown', 'status', 'phase');
}

export const readyOf = (pod: KubernetesObject): string =>
  `${containerStatuses(pod).filter((status) => isRecord(status) && status['ready'] === true).length}/${listAt(pod, 'spec', 'containers').length}`;

export const restartsOf = (pod: KubernetesObject): number =>
  containerStatuses(pod).reduce<number>((sum, status) => sum + Number(valueAt(status, 'restartCount') ?? 0), 0);

export const jobState = (job: KubernetesObject): string => {
  const found = listAt(job, 'status', 'conditions').find(
    (one) => isRecord(one) && one['status'] === 'True' && (one['type'] === 'Complete' || one['type'] === 'Failed'),
  );
  return textAt(found, 'Running', 'type');
};

const seconds = (from: unknown, to: unknown): string =>
  typeof from === 'string' && typeof to === 'string' ? age(Date.parse(to) - Date.parse(from)) : '';

export const duration = (job: KubernetesObject): string =>
  seconds(valueAt(job, 'status', 'startTime'), valueAt(job, 'status', 'completionTime'));

export const ingressAddress = (object: KubernetesObject): string =>
  listAt(object, 'status', 'loadBalancer', 'ingress')
    .map((one) => textAt(one, textAt(one, '', 'ip'), 'hostname'))
    .join(',');

export const externalIp = (service: KubernetesObject): string => {
  const type = valueAt(service, 'spec', 'type');
  if (type === 'ExternalName') return textAt(service, '<none>', 'spec', 'externalName');
  return type === 'LoadBalancer' ? ingressAddress(service) || '<pending>' : '<none>';
};

export const nodeState = (node: KubernetesObject): string => {
  const found = listAt(node, 'status', 'conditions').find((one) => valueAt(one, 'type') === 'Ready');
  const state = valueAt(found, 'status') === 'True' ? 'Ready' : 'NotReady';
  return valueAt(node, 'spec', 'unschedulable') === true ? `${state},SchedulingDisabled` : state;
};

export const pairs = (record: Record<string, unknown>): string =>
  Object.entries(record)
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(',') || '<none>';

export const scaleTarget = (scaler: KubernetesObject): string =>
  `${textAt(scaler, '', 'spec', 'scaleTargetRef', 'kind')}/${textAt(scaler, '', 'spec', 'scaleTargetRef', 'name')}`;

/** How long something took or is old, in its largest unit. */
export function age(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 120) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours}h` : `${Math.floor(hours / 24)}d`;
}

export const portsOf = (service: KubernetesObject): string =>
  listAt(service, 'spec', 'ports')
    .map((port) => `${String(valueAt(port, 'port'))}/${String(valueAt(port, 'protocol'))}`)
    .join(',') || '<none>';

export const hostsOf = (ingress: KubernetesObject): string =>
  listAt(ingress, 'spec', 'rules')
    .map((rule) => textAt(rule, '*', 'host'))
    .join(',') || '*';

export const dataCount = (object: KubernetesObject): number => Object.keys(recordAt(object, 'data')).length;
