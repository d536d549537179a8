import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../control-plane/furnish.ts';
import { aConfigMap, aDeployment, freshName } from '../support/deploys.ts';
import { type Callers, openCallers } from './callers.ts';
import { outcomeOf } from './outcome.ts';
import { deploy, deployerOf } from './staging.ts';

let callers: Callers;
const own = freshName();
const places = { own: `stg-${own}`, foreign: `team-${freshName()}` };

/** What an operator may add to Berth's role, wide as it is: kinds of their own, other verbs, subresources. */
const further = [
  { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['*'] },
  { apiGroups: [''], resources: ['configmaps'], verbs: ['update', 'deletecollection'] },
  { apiGroups: [''], resources: ['pods/exec', 'pods/eviction', 'serviceaccounts/token'], verbs: ['create'] },
  { apiGroups: [''], resources: ['pods/ephemeralcontainers', 'pods/status', 'namespaces/status'], verbs: ['patch'] },
  { apiGroups: ['apps'], resources: ['deployments/scale', 'deployments/status'], verbs: ['patch', 'update'] },
];

beforeAll(async () => {
  callers = await openCallers();
  const { berth, operator, extended } = callers;
  const rbac = 'rbac.authorization.k8s.io';
  const role = { apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata: { name: 'further' }, rules: further };
  await operator.client.apply(role);
  await operator.client.apply({
    ...role,
    kind: 'ClusterRoleBinding',
    rules: undefined,
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'further' },
    subjects: [{ apiGroup: rbac, kind: 'User', name: 'extended' }],
  });
  await operator.client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: places.foreign } });
  await deploy(deployerOf(berth.client), own, [aConfigMap('settings'), aDeployment('web')]);
  await operator.client.apply({ ...aConfigMap('settings'), metadata: { name: 'settings', namespace: places.foreign } });
  await operator.client.apply({ ...aDeployment('web'), metadata: { name: 'web', namespace: places.foreign } });
  for (const namespace of Object.values(places)) {
    const pod = { name: 'alone', namespace };
    const spec = { containers: [{ name: 'web', image: 'registry.example.com/web:1.0' }] };
    await operator.client.apply({ apiVersion: 'v1', kind: 'Pod', metadata: pod, spec });
  }
  const look = () => extended.call('GET', `/apis/coordination.k8s.io/v1/namespaces/default/leases`);
  await until('the further rights', Date.now() + 20_000, async () => outcomeOf(await look()) === 'allowed');
});
afterAll(() => callers[Symbol.asyncDispose]());

const annotations = { 'berth.dev/generation': '1' };
const labelled = { metadata: { labels: { taken: 'yes' }, annotations } };

/** Requests with the further rights: all that is known of them is that the role gives them. */
const requests: Record<string, [method: string, path: (namespace: string) => string, body?: object]> = {
  'a kind of the operator’s own': [
    'POST',
    (namespace) => `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`,
    { metadata: { name: freshName(), annotations } },
  ],
  'an update': [
    'PUT',
    (namespace) => `/api/v1/namespaces/${namespace}/configmaps/settings`,
    { metadata: { name: 'settings', annotations }, data: { of: 'mine' } },
  ],
  'the removal of all': ['DELETE', (namespace) => `/api/v1/namespaces/${namespace}/configmaps`],
  'a shell': ['POST', (namespace) => `/api/v1/namespaces/${namespace}/pods/alone/exec?command=id&stdout=true`],
  'an eviction': [
    'POST',
    (namespace) => `/api/v1/namespaces/${namespace}/pods/alone/eviction`,
    { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'alone' } },
  ],
  'a token': ['POST', (namespace) => `/api/v1/namespaces/${namespace}/serviceaccounts/default/token`, { spec: {} }],
  'a container in a running pod': [
    'PATCH',
    (namespace) => `/api/v1/namespaces/${namespace}/pods/alone/ephemeralcontainers`,
    { ...labelled, spec: { ephemeralContainers: [{ name: 'debug', image: 'registry.example.com/debug:1.0' }] } },
  ],
  'the status of a pod': [
    'PATCH',
    (namespace) => `/api/v1/namespaces/${namespace}/pods/alone/status`,
    { ...labelled, status: { reason: 'Mine' } },
  ],
  'a scale': [
    'PATCH',
    (namespace) => `/apis/apps/v1/namespaces/${namespace}/deployments/web/scale`,
    { spec: { replicas: 0 } },
  ],
  'the status of a Deployment': [
    'PATCH',
    (namespace) => `/apis/apps/v1/namespaces/${namespace}/deployments/web/status`,
    { ...labelled, status: { replicas: 7 } },
  ],
};

async function outcomeIn(namespace: string, [method, path, body]: (typeof requests)[string]): Promise<string> {
  const type = method === 'PATCH' ? { type: 'application/merge-patch+json' } : {};
  return outcomeOf(await callers.extended.call(method, path(namespace), { ...(body ? { body } : {}), ...type }));
}

describe('what an operator adds to Berth’s role', () => {
  it.each(Object.entries(requests))('stays out of namespaces that aren’t Berth’s: %s', async (_, request) => {
    const notOurs = (namespace: string) =>
      `berth-objects: namespace ${namespace} is not a staging of installation berth`;
    expect(await outcomeIn(places.foreign, request)).toBe(notOurs(places.foreign));
  });

  it('stays out of the status of namespaces that aren’t Berth’s', async () => {
    const path = `/api/v1/namespaces/${places.foreign}/status`;
    const answer = await callers.extended.call('PATCH', path, { body: labelled, type: 'application/merge-patch+json' });
    expect(outcomeOf(answer)).toBe(
      `berth-namespaces: namespace ${places.foreign} is not a staging of installation berth`,
    );
  });

  it.each([
    ['a shell', 'pods/exec'],
    ['an eviction', 'pods/eviction'],
    ['a token', 'serviceaccounts/token'],
    ['a container in a running pod', 'pods/ephemeralcontainers'],
    ['the status of a pod', 'pods/status'],
    ['a scale', 'deployments/scale'],
    ['the status of a Deployment', 'deployments/status'],
  ])('can’t be fenced, and so isn’t for Berth: %s', async (name, subresource) => {
    const request = requests[name];
    expect(request && (await outcomeIn(places.own, request))).toBe(`berth-objects: ${subresource} is not for Berth`);
  });

  it('is fenced in Berth’s own namespaces', async () => {
    const leases = `/apis/coordination.k8s.io/v1/namespaces/${places.own}/leases`;
    const lease = (generation?: string) => ({
      body: {
        metadata: { name: freshName(), annotations: generation ? { 'berth.dev/generation': generation } : {} },
      },
    });
    expect(outcomeOf(await callers.extended.call('POST', leases, lease('1')))).toBe('allowed');
    expect(outcomeOf(await callers.extended.call('POST', leases, lease()))).toBe(
      'berth-objects: generation 0 is older than the namespace, which is at 1',
    );
    expect(outcomeOf(await callers.extended.call('DELETE', leases))).toMatch(/^berth-objects: the deletion of/);
  });
});
