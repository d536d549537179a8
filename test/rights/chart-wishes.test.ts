import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../../lambdas/domain/kubernetes-object.ts';
import { aConfigMap, aDeployment, aJob, aService, aStatefulSet, freshName, image } from '../support/deploys.ts';
import { aBlueprint } from '../support/world.ts';
import { type Callers, openCallers } from './callers.ts';
import { aSecret } from './every-kind.ts';
import { deploy, deployerOf } from './staging.ts';

let callers: Callers;
beforeAll(async () => {
  callers = await openCallers();
  const metadata = { name: 'privileged', namespace: 'kube-system' };
  await callers.operator.client.apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata });
});
afterAll(() => callers[Symbol.asyncDispose]());

const rbac = 'rbac.authorization.k8s.io';
const rules = [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }];

const of = (apiVersion: string, kind: string, fields: object = {}, metadata: object = {}): KubernetesObject => ({
  apiVersion,
  kind,
  metadata: { name: 'wish', ...metadata },
  ...fields,
});

/** The object with more in the pods that it makes, and in their containers. */
function withPod(object: KubernetesObject, more: object, container: object = {}): KubernetesObject {
  const spec = Object(object['spec']);
  const [first] = spec.template.spec.containers;
  const pod = { ...spec.template.spec, ...more, containers: [{ ...first, ...container }] };
  return { ...object, spec: { ...spec, template: { ...spec.template, spec: pod } } };
}
const aDaemonSet = (): KubernetesObject => {
  const { selector, template } = Object(aDeployment('web')['spec']);
  return of('apps/v1', 'DaemonSet', { spec: { selector, template } }, { name: 'web' });
};
const aPod = (spec: object, container: object = {}): KubernetesObject =>
  of(
    'v1',
    'Pod',
    { spec: { containers: [{ name: 'web', image: image('1.0'), ...container }], ...spec } },
    { name: 'web' },
  );
const hostPath = { volumes: [{ name: 'host', hostPath: { path: '/' } }] };
const aBinding = (kind: string, name: string, metadata: object = {}): KubernetesObject =>
  of(
    `${rbac}/v1`,
    'RoleBinding',
    {
      roleRef: { apiGroup: rbac, kind, name },
      subjects: [{ kind: 'ServiceAccount', name: 'default' }],
    },
    metadata,
  );

/** How a deploy of it ends: the reason with its sentence, or nothing. */
async function endOf(objects: KubernetesObject[], clusterScoped: string[] = []): Promise<string> {
  const blueprint = aBlueprint({ clusterScoped, health: { timeout: '20s', unschedulableGrace: '1s' } });
  const deployer = deployerOf(callers.berth.client, { blueprint });
  return deploy(deployer, freshName(), objects).then(
    () => 'Running',
    (error: Error) => `${error.name}: ${error.message}`,
  );
}

describe.concurrent('a workload that asks for', () => {
  it.each([
    [
      'the node’s files',
      withPod(aDeployment('web'), hostPath),
      /ReplicaSet\/web-\w+: its pods are refused: .*hostPath volumes/,
    ],
    [
      'privileges',
      withPod(aDaemonSet(), {}, { securityContext: { privileged: true } }),
      /DaemonSet\/web: its pods are refused: .*privileged/,
    ],
    [
      'the node’s network',
      withPod(aStatefulSet('web'), { hostNetwork: true }),
      /StatefulSet\/web: its pods are refused: .*host namespaces \(hostNetwork=true\)/,
    ],
    [
      'the node’s processes',
      withPod(aJob('web'), { hostPID: true }),
      /Job\/web: its pods are refused: .*host namespaces/,
    ],
    ['the node’s ports', aPod({}, { ports: [{ containerPort: 80, hostPort: 80 }] }), /Pod\/web: .*hostPort/],
    [
      'more capabilities',
      aPod({}, { securityContext: { capabilities: { add: ['SYS_ADMIN'] } } }),
      /Pod\/web: .*non-default capabilities/,
    ],
    [
      'the place of the cluster’s own pods',
      withPod(aDeployment('web'), { priorityClassName: 'system-node-critical' }),
      /ReplicaSet\/web-\w+: its pods are refused: .*priority class system-node-critical is for what keeps the cluster running/,
    ],
    [
      'addresses of others',
      { ...aService('web'), spec: { ...Object(aService('web')['spec']), externalIPs: ['192.0.2.1'] } },
      /Service\/web: .*externalIPs would take the traffic of the whole cluster/,
    ],
    [
      'the cluster’s administrator',
      aBinding('ClusterRole', 'cluster-admin'),
      /RoleBinding\/wish: .*attempting to grant RBAC permissions not currently held/,
    ],
    [
      'Berth’s own rights',
      aBinding('ClusterRole', 'berth'),
      /RoleBinding\/wish: .*a role binding in a staging may refer to a Role only/,
    ],
    [
      'reading its Secrets',
      of(`${rbac}/v1`, 'Role', { rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['get'] }] }),
      /Role\/wish: .*attempting to grant RBAC permissions not currently held/,
    ],
    [
      'changing its namespace',
      of(`${rbac}/v1`, 'Role', { rules: [{ apiGroups: [''], resources: ['namespaces'], verbs: ['patch'] }] }),
      /Role\/wish: .*may not change namespaces, resourcequotas or limitranges/,
    ],
    [
      'a role in another namespace',
      of(`${rbac}/v1`, 'Role', { rules }, { namespace: 'kube-system' }),
      /^ApplyRejected: Role\/wish: is for namespace kube-system, and a staging grants rights in its own only$/,
    ],
    [
      'a binding in another namespace',
      aBinding('Role', 'extension-apiserver-authentication-reader', { namespace: 'kube-system' }),
      /^ApplyRejected: RoleBinding\/wish: is for namespace kube-system/,
    ],
    [
      'another quota in the place of Berth’s',
      of('v1', 'ResourceQuota', { spec: { hard: { pods: '999' } } }, { name: 'berth' }),
      /^ApplyRejected: ResourceQuota\/berth: is the name of what Berth itself keeps there$/,
    ],
  ])('%s is refused, and it is said what and why', async (_, object, sentence) => {
    const end = await endOf([object]);
    expect(end).toMatch(/^ApplyRejected: /);
    expect(end).toMatch(sentence);
  });

  it('a service account of another namespace gets no pod, and it is said why', async () => {
    const wish = withPod(aDeployment('web'), { serviceAccountName: 'privileged' });
    expect(await endOf([wish])).toMatch(
      /^RolloutStalled: ReplicaSet\/web-\w+: can't make its pods: .*serviceaccount "privileged" not found/,
    );
  });

  it('a token of such a one gets none', async () => {
    const deployer = deployerOf(callers.berth.client);
    const name = freshName();
    const annotations = { 'kubernetes.io/service-account.name': 'privileged' };
    const type = 'kubernetes.io/service-account-token';
    await deploy(deployer, name, [of('v1', 'Secret', { type }, { annotations })]);
    const found = await callers.operator.client.get({
      apiVersion: 'v1',
      kind: 'Secret',
      namespace: `stg-${name}`,
      name: 'wish',
    });
    expect(found?.['data']).toBeUndefined();
  });
});

const crd = {
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'wishes', singular: 'wish', kind: 'Wish' },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
  },
};

describe.concurrent('a workload that brings', () => {
  const webhook = {
    webhooks: [
      {
        name: 'wish.example.com',
        clientConfig: { url: 'https://127.0.0.1:1/' },
        rules: [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*'] }],
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
      },
    ],
  };
  const volume = { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/' } };
  const policy = { validations: [{ expression: 'true' }], matchConstraints: { resourceRules: [] } };
  it.each([
    of(`${rbac}/v1`, 'ClusterRole', { rules }),
    of(`${rbac}/v1`, 'ClusterRoleBinding', { roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'berth' } }),
    of('v1', 'PersistentVolume', { spec: volume }),
    of('v1', 'Namespace'),
    of('v1', 'Node'),
    of('scheduling.k8s.io/v1', 'PriorityClass', { value: 1_000_000_000 }),
    of('storage.k8s.io/v1', 'StorageClass', { provisioner: 'kubernetes.io/host-path' }),
    of('admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration', webhook),
    of('admissionregistration.k8s.io/v1', 'MutatingWebhookConfiguration', webhook),
    of('admissionregistration.k8s.io/v1', 'ValidatingAdmissionPolicy', { spec: policy }),
    of('apiextensions.k8s.io/v1', 'CustomResourceDefinition', crd, { name: 'wishes.example.com' }),
  ])('a $kind is refused: by Berth, and where its blueprint lists the kind, by the API server', async (object) => {
    const { kind, metadata } = object;
    expect(await endOf([object])).toBe(
      `ApplyRejected: ${kind}/${metadata.name}: is cluster-scoped, and the blueprint doesn't list ${kind} under clusterScoped`,
    );
    const end = await endOf([object], [kind]);
    expect(end).toMatch(new RegExp(`^ApplyRejected: ${kind}/${metadata.name}: .*(cannot get resource|not a staging)`));
  });

  it.each<[string, KubernetesObject]>([
    [
      'a name for what is elsewhere',
      { ...aService('web'), spec: { type: 'ExternalName', externalName: 'db.example.com' } },
    ],
    ['a port of the nodes', { ...aService('web'), spec: { ...Object(aService('web')['spec']), type: 'NodePort' } }],
    ['a choice of its node', withPod(aDeployment('web'), { nodeName: 'node-1' })],
    ['tolerance of every taint', withPod(aDeployment('web'), { tolerations: [{ operator: 'Exists' }] })],
    ['a role for its own service account', of(`${rbac}/v1`, 'Role', { rules })],
    ['a Secret', aSecret('password')],
  ])('%s runs', async (_, object) => {
    expect(await endOf([object])).toBe('Running');
  });

  it('an object for another namespace has it in its own', async () => {
    const deployer = deployerOf(callers.berth.client);
    const name = freshName();
    await deploy(deployer, name, [{ ...aConfigMap(name), metadata: { name, namespace: 'kube-system' } }]);
    const find = (namespace: string) =>
      callers.operator.client.get({ apiVersion: 'v1', kind: 'ConfigMap', namespace, name });
    expect(await find(`stg-${name}`)).toBeDefined();
    expect(await find('kube-system')).toBeUndefined();
  });
});
