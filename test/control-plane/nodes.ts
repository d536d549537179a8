import type { KubernetesObject } from '../../lambdas/domain/kubernetes-object.ts';

/** Size of a node, as quantities. */
export interface NodeSize {
  cpu: string;
  memory: string;
  pods: string;
}

/** Three of them take hundreds of stagings, and yet a pod that asks for too much finds no place. */
export const usualNode: NodeSize = { cpu: '64', memory: '256Gi', pods: '500' };

export const nodeNames = ['node-1', 'node-2', 'node-3'];

/** What a kubelet registers. Its log server is asked on loopback, whatever the node. */
export function nodeStatus(name: string, size: NodeSize, kubeletPort: number) {
  return {
    capacity: size,
    allocatable: size,
    addresses: [
      { type: 'InternalIP', address: '127.0.0.1' },
      { type: 'Hostname', address: name },
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: kubeletPort } },
    nodeInfo: {
      architecture: 'amd64',
      bootID: '',
      containerRuntimeVersion: 'containerd://2.1.0',
      kernelVersion: '6.12.0',
      kubeProxyVersion: '',
      kubeletVersion: 'v1.35.4',
      machineID: '',
      operatingSystem: 'linux',
      osImage: 'none',
      systemUUID: '',
    },
  };
}

export const nodeOf = (name: string, zone: string): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: {
    name,
    labels: {
      'kubernetes.io/arch': 'amd64',
      'kubernetes.io/hostname': name,
      'kubernetes.io/os': 'linux',
      'topology.kubernetes.io/region': 'local',
      'topology.kubernetes.io/zone': zone,
    },
  },
});

const storageClass = (
  name: string,
  volumeBindingMode: 'WaitForFirstConsumer' | 'Immediate',
  annotations: Record<string, string>,
): KubernetesObject => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name, annotations },
  // The controller manager makes such volumes itself: empty folders below /tmp/hostpath_pv, removed with their claims.
  provisioner: 'kubernetes.io/host-path',
  reclaimPolicy: 'Delete',
  volumeBindingMode,
});

/** The default class waits for a pod, as that of EKS does; where it would bind at once, pods are unschedulable for a second. */
export const storageClasses: KubernetesObject[] = [
  storageClass('standard', 'WaitForFirstConsumer', { 'storageclass.kubernetes.io/is-default-class': 'true' }),
  storageClass('immediate', 'Immediate', {}),
];
