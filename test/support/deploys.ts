import type { ClusterDeps } from '../../lambdas/actions/cluster-deps.ts';
import type { Log } from '../../lambdas/actions/log.ts';
import type { KubernetesClient } from '../../lambdas/cluster/client.ts';
import type { Blueprint } from '../../lambdas/domain/blueprint.ts';
import { claim } from '../../lambdas/domain/execution.ts';
import type { Hook, KubernetesObject, Workload } from '../../lambdas/domain/kubernetes-object.ts';
import { type Decision, requestDeploy, requestTeardown } from '../../lambdas/domain/lifecycle.ts';
import type { Progress } from '../../lambdas/domain/operation.ts';
import type { Staging } from '../../lambdas/domain/staging.ts';
import { aBlueprint, theseBlueprints } from './world.ts';

export const installation = 'berth-test';

/** Stagings in one variable, whatever a test deploys into a cluster, and what was told about it. */
export function aDeployer(
  client: KubernetesClient,
  {
    blueprint = aBlueprint({ health: { timeout: '20s', unschedulableGrace: '10s' } }),
    now = Date.now,
    budget = 20_000,
  }: { blueprint?: Blueprint; now?: () => number; budget?: number } = {},
) {
  const stagings = new Map<string, Staging>();
  const progress: Progress[] = [];
  const warnings: string[] = [];
  let workload: Workload = { objects: [], hooks: [] };
  const log: Log = { info: () => {}, warn: (message) => warnings.push(message), error: () => {} };
  const rendered: { isUpgrade: boolean }[] = [];
  const deps: ClusterDeps & { log: Log } = {
    log,
    stagings: { get: async (name) => stagings.get(name) },
    operations: { tellProgress: async (_operation, told) => void progress.push(told) },
    connect: () => client,
    blueprints: theseBlueprints(blueprint),
    render: async ({ isUpgrade }) => {
      rendered.push({ isUpgrade });
      return workload;
    },
    now,
    budget,
    installation,
    ingressNamespace: 'ingress-nginx',
    publicBaseUrl: 'https://staging.example.com',
  };
  const context = () => ({ actor: 'test', cause: 'request' as const, now: new Date(now()) });
  const accept = (decision: Decision | undefined): Staging => {
    if (!decision) throw new Error('nothing would change');
    // As if the earlier execution had ended: tests of the fence say so themselves.
    const { staging } = decision;
    const active = { operationId: staging.operation.id, generation: staging.generation, kind: staging.operation.kind };
    const held = { ...staging, active: { ...active, deadline: new Date(now() + 60_000).toISOString() } };
    const claimed = claim(held, staging.generation, new Date(now()));
    stagings.set(staging.name, claimed);
    return claimed;
  };
  let wish = 0;
  return {
    deps,
    progress,
    warnings,
    rendered,
    /** A claimed deploy of these objects. */
    requestDeploy(name: string, objects: readonly KubernetesObject[], hooks: readonly Hook[] = []) {
      workload = { objects, hooks };
      wish += 1;
      const desired = { blueprint: blueprint.name, values: { wish: String(wish) }, overrides: {} };
      const request = { name, desired, cluster: 'main', owner: 'test' };
      const { generation } = accept(requestDeploy(stagings.get(name), request, context()));
      return { name, generation };
    },
    requestTeardown(name: string) {
      const staging = stagings.get(name);
      if (!staging) throw new Error(`no staging ${name}`);
      const { generation } = accept(requestTeardown(staging, context()));
      return { name, generation };
    },
    staging: (name: string) => stagings.get(name),
    change: (name: string, change: (staging: Staging) => Staging) => {
      const staging = stagings.get(name);
      if (staging) stagings.set(name, change(staging));
    },
  };
}

/** Tells this test file from those that run beside it. */
const run = Math.random().toString(36).slice(2, 5);
const names: string[] = [];

/** A name that no other test of this run uses, nor the run before. */
export function freshName(): string {
  const name = `t${Date.now().toString(36)}${run}${names.length}`;
  names.push(name);
  return name;
}

/** All names that this test file has been given. */
export const givenNames = (): readonly string[] => names;

/** An image whose tag says what becomes of it in the simulated cluster. */
export const image = (tag: string): string => `registry.example.com/web:${tag}`;

/** A Deployment of one pod; its tag says what becomes of it in the simulated cluster. */
export const aDeployment = (name: string, tagged = image('1.0'), spec: object = {}): KubernetesObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name: 'web', image: tagged, readinessProbe: { httpGet: { path: '/', port: 80 } } }] },
    },
    ...spec,
  },
});

export const aConfigMap = (name: string, data: Record<string, string> = { key: 'value' }): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data,
});

export const aJob = (name: string, tagged = image('1.0'), spec: object = {}): KubernetesObject => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name },
  spec: {
    backoffLimit: 0,
    template: { spec: { restartPolicy: 'Never', containers: [{ name: 'task', image: tagged }] } },
    ...spec,
  },
});

export const aHook = (object: KubernetesObject, over: Partial<Hook> = {}): Hook => ({
  object,
  phases: ['pre-install', 'pre-upgrade'],
  weight: 0,
  deletePolicies: ['before-hook-creation'],
  ...over,
});

export const aStatefulSet = (name: string, tagged = image('1.0'), spec: object = {}): KubernetesObject => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name },
  spec: {
    replicas: 1,
    serviceName: name,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name: 'db', image: tagged, volumeMounts: [{ name: 'data', mountPath: '/data' }] }] },
    },
    volumeClaimTemplates: [
      {
        metadata: { name: 'data' },
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
      },
    ],
    ...spec,
  },
});

export const aService = (name: string): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name },
  spec: { selector: { app: name }, ports: [{ port: 80 }] },
});

export const anIngress = (name: string): KubernetesObject => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name },
  spec: {
    rules: [
      {
        host: `${name}.example.com`,
        http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name, port: { number: 80 } } } }] },
      },
    ],
  },
});
