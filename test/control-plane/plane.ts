import { readFileSync } from 'node:fs';
import { vi } from 'vitest';
import type { KubernetesObject } from '../../lambdas/domain/kubernetes-object.ts';
import { freshName } from '../support/deploys.ts';
import { type Api, openApi } from './api.ts';

/** Pods wait for the scheduler, a back-off or two, a control plane for its programs, and all for what else the machine does. */
const patience = 40_000;

/** The control plane of this run, and a namespace in it of the suite's own. */
export interface Plane extends Api {
  namespace: string;
  create(object: KubernetesObject): Promise<KubernetesObject>;
  find(apiVersion: string, kind: string, name: string): Promise<KubernetesObject | undefined>;
  pods(selector: string): Promise<KubernetesObject[]>;
  /** Reasons and messages of the Events about an object whose name begins so. */
  events(name: string): Promise<{ reason: string; message: string; count: number }[]>;
}

export async function openPlane(): Promise<Plane> {
  const { CONTRACT_CLUSTER_ENDPOINT: endpoint = '', CONTRACT_CLUSTER_CA_FILE: file = '' } = process.env;
  const api = openApi(endpoint, readFileSync(file, 'utf8'), process.env['CONTRACT_CLUSTER_TOKEN'] ?? '');
  const namespace = freshName();
  const { client } = api;
  await client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  return {
    ...api,
    namespace,
    create: (object) => client.create({ ...object, metadata: { ...object.metadata, namespace } }),
    find: (apiVersion, kind, name) => client.get({ apiVersion, kind, name, namespace }),
    pods: async (labelSelector) => (await client.list('v1', 'Pod', { namespace, labelSelector })).objects,
    async events(name) {
      const { objects } = await client.list('v1', 'Event', { namespace });
      return objects
        .filter((event) => Object(event['involvedObject']).name?.startsWith(name))
        .map((event) => Object(event) as { reason: string; message: string; count: number });
    },
    async close() {
      await client.remove({ apiVersion: 'v1', kind: 'Namespace', name: namespace });
      await api.close();
    },
  };
}

/** A pod of one container whose image has this tag. */
export const aPod = (name: string, tag: string, container: object = {}, spec: object = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: { containers: [{ name: 'web', image: `registry.example.com/web:${tag}`, ...container }], ...spec },
});

/** Looks again and again until what is found is as expected. */
export const eventually = (check: () => Promise<void>): Promise<void> =>
  vi.waitFor(check, { timeout: patience, interval: 50 });

/** The status of a pod, as far as tests look at it. */
export interface PodStatus {
  phase: string;
  conditions: { type: string; status: string; reason?: string; message?: string }[];
  containerStatuses: {
    ready: boolean;
    restartCount: number;
    state: Record<string, { reason?: string; message?: string; exitCode?: number }>;
    lastState: Record<string, { reason?: string; exitCode?: number }>;
  }[];
  initContainerStatuses?: PodStatus['containerStatuses'];
}

export const statusOf = (object: KubernetesObject | undefined): PodStatus | undefined =>
  object?.['status'] as PodStatus | undefined;
