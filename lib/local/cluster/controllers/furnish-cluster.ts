import type { KubernetesObject } from '../../../../lambdas/domain/kubernetes-object.ts';
import type { Control } from './control.ts';
import { tryToCreate } from './creating.ts';
import { timestamp } from './timestamps.ts';

/** Size of a simulated node, as quantities. */
export interface NodeSize {
  cpu: string;
  memory: string;
  pods: string;
}

export const usualNode: NodeSize = { cpu: '512', memory: '2Ti', pods: '5000' };

const nodeNames = ['node-1', 'node-2'];

/** Puts two nodes and a default storage class into a cluster that has none. */
export function furnishCluster(control: Control, size: NodeSize): void {
  const { storage, kinds } = control;
  for (const [index, name] of nodeNames.entries()) {
    if (storage.get(kinds.node, undefined, name) !== undefined) continue;
    const node = nodeOf(name, index);
    tryToCreate(control, node, {
      created: (created) =>
        storage.updateStatus({ ...created, status: statusOf(index, name, size, control.clock.now()) }),
    });
  }
  if (storage.get(kinds.storageClass, undefined, 'standard') === undefined) tryToCreate(control, storageClass);
}

const nodeOf = (name: string, index: number): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: {
    name,
    labels: {
      'kubernetes.io/arch': 'amd64',
      'kubernetes.io/hostname': name,
      'kubernetes.io/os': 'linux',
      'topology.kubernetes.io/region': 'simulated',
      'topology.kubernetes.io/zone': `simulated-${index + 1}`,
    },
  },
  spec: { providerID: `simulated:///${name}` },
});

export const nodeAddress = (index: number): string => `10.0.0.${index + 1}`;

function statusOf(index: number, name: string, size: NodeSize, now: number) {
  const condition = (type: string, status: 'True' | 'False', reason: string, message: string) => ({
    type,
    status,
    reason,
    message,
    lastHeartbeatTime: timestamp(now),
    lastTransitionTime: timestamp(now),
  });
  return {
    capacity: size,
    allocatable: size,
    addresses: [
      { type: 'InternalIP', address: nodeAddress(index) },
      { type: 'Hostname', address: name },
    ],
    conditions: [
      condition('MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'),
      condition('DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
      condition('PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
      condition('Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'),
    ],
    nodeInfo: {
      architecture: 'amd64',
      bootID: '',
      containerRuntimeVersion: 'containerd://2.1.0',
      kernelVersion: '6.12.0',
      kubeProxyVersion: '',
      kubeletVersion: 'v1.35.0',
      machineID: '',
      operatingSystem: 'linux',
      osImage: 'simulated',
      systemUUID: '',
    },
  };
}

const storageClass: KubernetesObject = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: 'standard', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
  provisioner: 'rancher.io/local-path',
  reclaimPolicy: 'Delete',
  volumeBindingMode: 'Immediate',
};
