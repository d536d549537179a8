import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../../lambdas/domain/kubernetes-object.ts';
import { until } from '../control-plane/furnish.ts';
import { aConfigMap, freshName } from '../support/deploys.ts';
import { type Caller, type Callers, openCallers } from './callers.ts';
import { outcomeOf } from './outcome.ts';
import { deploy, deployerOf } from './staging.ts';

let callers: Callers;
const own = freshName();
const namespace = `stg-${own}`;

beforeAll(async () => {
  callers = await openCallers();
  await deploy(deployerOf(callers.berth.client), own, []);
});
afterAll(() => callers[Symbol.asyncDispose]());

const rbac = 'rbac.authorization.k8s.io';
const annotations = { 'berth.dev/generation': '9' };
const group = { apiGroup: rbac, kind: 'Group', name: 'berth' };
const account = { kind: 'ServiceAccount', name: 'default', namespace };

const create = async (caller: Caller, path: string, body: object) =>
  outcomeOf(await caller.call('POST', path, { body }));
const merge = async (caller: Caller, path: string, body: object) =>
  outcomeOf(await caller.call('PATCH', path, { body, type: 'application/merge-patch+json' }));

const inStaging = (resource: string): string => `/apis/${rbac}/v1/namespaces/${namespace}/${resource}`;
const aRole = (rules: object[], name = freshName()) => ({
  metadata: { name, annotations },
  rules: rules.map((rule) => ({ apiGroups: [''], ...rule })),
});
const aBinding = (kind: string, role: string, subjects: object[] = [account], name = freshName()) => ({
  metadata: { name, annotations },
  roleRef: { apiGroup: rbac, kind, name: role },
  subjects,
});
/** What a controller, or a watch of the API server's own, does within a second, on a loaded machine within some. */
const soon = (what: string, holds: () => Promise<boolean>) => until(what, Date.now() + 20_000, holds);

const raise = 'would raise its rights';
const noRole = 'berth-grants: a role binding in a staging may refer to a Role only, not to a ClusterRole';
const noBounds = 'berth-grants: a role in a staging may not change namespaces, resourcequotas or limitranges';

describe('what gives Berth its rights', () => {
  const registration = 'admissionregistration.k8s.io';
  const ours = {
    [`${rbac}/v1/clusterroles`]: ['berth', 'berth:staging', 'cluster-admin'],
    [`${rbac}/v1/clusterrolebindings`]: ['berth', 'cluster-admin'],
    [`${registration}/v1/validatingadmissionpolicies`]: [
      'berth-objects',
      'berth-namespaces',
      'berth-contents',
      'berth-grants',
    ],
    [`${registration}/v1/validatingadmissionpolicybindings`]: [
      'berth-objects',
      'berth-namespaces',
      'berth-contents',
      'berth-grants',
    ],
  };
  it.each(Object.entries(ours))('can’t be changed or removed by it: %s', async (resource, names) => {
    const { berth, operator } = callers;
    for (const name of names) {
      const path = `/apis/${resource}/${name}`;
      expect([name, outcomeOf(await operator.call('GET', path))]).toEqual([name, 'allowed']);
      expect(await merge(berth, path, { metadata: { labels: { taken: 'yes' } } })).toBe('no right');
      expect(outcomeOf(await berth.call('PUT', path, { body: {} }))).toBe('no right');
      expect(outcomeOf(await berth.call('DELETE', path))).toBe('no right');
    }
    expect(outcomeOf(await berth.call('DELETE', `/apis/${resource}`))).toBe('no right');
    expect(await create(berth, `/apis/${resource}`, { metadata: { name: 'more' } })).toBe('no right');
  });

  it.each([
    ['a webhook', `/apis/${registration}/v1/validatingwebhookconfigurations`],
    ['a changing webhook', `/apis/${registration}/v1/mutatingwebhookconfigurations`],
    ['an API of its own', '/apis/apiregistration.k8s.io/v1/apiservices'],
    ['a certificate for another name', '/apis/certificates.k8s.io/v1/certificatesigningrequests'],
    ['a token of a service account', `/api/v1/namespaces/${namespace}/serviceaccounts/default/token`],
    ['a token of a controller', '/api/v1/namespaces/kube-system/serviceaccounts/namespace-controller/token'],
    ['an answer about somebody else’s rights', '/apis/authorization.k8s.io/v1/subjectaccessreviews'],
    ['an answer about somebody else’s token', '/apis/authentication.k8s.io/v1/tokenreviews'],
  ])('isn’t added to by %s', async (_, path) => {
    expect(await create(callers.berth, path, { metadata: { name: 'more' } })).toBe('no right');
  });

  it.each([
    [{ 'impersonate-user': 'kubernetes-admin', 'impersonate-group': 'system:masters' }],
    [{ 'impersonate-user': 'system:serviceaccount:kube-system:namespace-controller' }],
    [{ 'impersonate-user': 'system:node:node-1', 'impersonate-group': 'system:nodes' }],
  ])('isn’t left behind by impersonation: %o', async (headers) => {
    expect(outcomeOf(await callers.berth.call('GET', '/api/v1/namespaces', { headers }))).toBe('no right');
  });

  it.each(['/metrics', '/logs', '/debug/pprof/', '/configz'])('does not reach %s', async (path) => {
    expect(outcomeOf(await callers.berth.call('GET', path))).toBe('no right');
  });
});

describe('a role in a staging', () => {
  it.each([
    ['all', { apiGroups: ['*'], resources: ['*'], verbs: ['*'] }, raise],
    ['all of Berth’s kinds', { resources: ['*'], verbs: ['get'] }, raise],
    ['reading Secrets', { resources: ['secrets'], verbs: ['get', 'list'] }, raise],
    ['a shell in a pod', { resources: ['pods/exec'], verbs: ['create'] }, raise],
    ['tokens', { resources: ['serviceaccounts/token'], verbs: ['create'] }, raise],
    ['impersonation', { resources: ['users', 'groups'], verbs: ['impersonate'] }, raise],
    ['escalation', { apiGroups: [rbac], resources: ['roles'], verbs: ['escalate', 'bind'] }, raise],
    ['binding of any cluster role', { apiGroups: [rbac], resources: ['clusterroles'], verbs: ['bind'] }, raise],
    ['making a collection vanish', { resources: ['pods'], verbs: ['deletecollection'] }, raise],
    ['changing its namespace', { resources: ['pods', 'namespaces'], verbs: ['get', 'patch'] }, noBounds],
    ['deleting its namespace', { resources: ['namespaces'], verbs: ['delete'] }, noBounds],
    ['changing its quota', { resources: ['resourcequotas'], verbs: ['patch'] }, noBounds],
    ['another quota', { resources: ['resourcequotas'], verbs: ['create'] }, noBounds],
    ['other defaults', { resources: ['limitranges'], verbs: ['delete'] }, noBounds],
    ['what the product needs', { resources: ['pods', 'configmaps'], verbs: ['get', 'create', 'patch'] }, 'allowed'],
    ['looking at its namespace', { resources: ['namespaces', 'resourcequotas'], verbs: ['get'] }, 'allowed'],
  ])('that grants %s: made or changed to it', async (_, rule, outcome) => {
    const { berth } = callers;
    expect(await create(berth, inStaging('roles'), aRole([{ resources: ['pods'], verbs: ['get'] }, rule]))).toBe(
      outcome,
    );
    const harmless = aRole([]);
    expect(await create(berth, inStaging('roles'), harmless)).toBe('allowed');
    const path = inStaging(`roles/${harmless.metadata.name}`);
    expect(await merge(berth, path, { rules: aRole([rule]).rules })).toBe(outcome);
  });
});

describe('a role binding in a staging', () => {
  it.each([
    ['the cluster’s administrator', aBinding('ClusterRole', 'cluster-admin'), raise],
    ['an administrator of namespaces', aBinding('ClusterRole', 'admin'), raise],
    ['an editor', aBinding('ClusterRole', 'edit'), raise],
    ['a node', aBinding('ClusterRole', 'system:node'), raise],
    ['Berth, for a service account', aBinding('ClusterRole', 'berth'), noRole],
    ['Berth, for itself', aBinding('ClusterRole', 'berth', [group]), noRole],
    ['Berth’s role in stagings, for a service account', aBinding('ClusterRole', 'berth:staging'), noRole],
    [
      'Berth’s role in stagings, for more than itself',
      aBinding('ClusterRole', 'berth:staging', [group, account]),
      noRole,
    ],
    [
      'Berth’s role in stagings, for everybody',
      aBinding('ClusterRole', 'berth:staging', [{ ...group, name: 'system:authenticated' }]),
      noRole,
    ],
    ['another installation’s Berth', aBinding('ClusterRole', 'berth-qa', [{ ...group, name: 'berth-qa' }]), raise],
    [
      'another installation’s stagings',
      aBinding('ClusterRole', 'berth-qa:staging', [{ ...group, name: 'berth-qa' }]),
      noRole,
    ],
    ['Berth’s role in stagings, for itself', aBinding('ClusterRole', 'berth:staging', [group]), 'allowed'],
  ])('to %s', async (_, binding, outcome) => {
    expect(await create(callers.berth, inStaging('rolebindings'), binding)).toBe(outcome);
  });

  it('that somebody else has made is not widened', async () => {
    const { berth, operator } = callers;
    const theirs = aBinding('ClusterRole', 'admin', [{ apiGroup: rbac, kind: 'User', name: 'somebody' }]);
    await create(operator, inStaging('rolebindings'), theirs);
    const path = inStaging(`rolebindings/${theirs.metadata.name}`);
    expect(await merge(berth, path, { metadata: { annotations }, subjects: [group] })).toBe(raise);
  });

  it('gives Berth nothing in a namespace that isn’t its own', async () => {
    for (const other of ['kube-system', 'default']) {
      const path = `/apis/${rbac}/v1/namespaces/${other}/rolebindings`;
      expect(await create(callers.berth, path, aBinding('ClusterRole', 'berth:staging', [group]))).toBe(
        `berth-objects: namespace ${other} is not a staging of installation berth`,
      );
    }
  });
});

describe('a service account with all the rights that Berth can give it', () => {
  let puppet: Caller;
  const core = (resource: string, where = namespace): string => `/api/v1/namespaces/${where}/${resource}`;

  beforeAll(async () => {
    const { berth } = callers;
    const write = ['get', 'list', 'watch', 'create', 'patch', 'delete'];
    const role = aRole([
      { resources: ['configmaps', 'pods', 'services', 'serviceaccounts', 'persistentvolumeclaims'], verbs: write },
      { resources: ['secrets'], verbs: ['create', 'patch', 'delete'] },
      { resources: ['namespaces', 'resourcequotas', 'limitranges'], verbs: ['get', 'list', 'watch'] },
      { apiGroups: ['apps'], resources: ['deployments', 'daemonsets', 'statefulsets'], verbs: write },
      { apiGroups: [rbac], resources: ['roles', 'rolebindings'], verbs: write },
      { apiGroups: [rbac], resources: ['clusterroles'], resourceNames: ['berth:staging'], verbs: ['bind'] },
    ]);
    await create(berth, inStaging('roles'), role);
    await create(berth, inStaging('rolebindings'), aBinding('Role', role.metadata.name));
    puppet = callers.bearer(await tokenOf('default'));
    await soon('the rights', async () => outcomeOf(await puppet.call('GET', core('configmaps'))) === 'allowed');
  });

  /** By a Secret that Kubernetes fills: Berth sees it in the answer to a patch. */
  async function tokenOf(name: string): Promise<string> {
    const secret = {
      metadata: { name: 'token', annotations: { ...annotations, 'kubernetes.io/service-account.name': name } },
      type: 'kubernetes.io/service-account-token',
    };
    await create(callers.berth, core('secrets'), secret);
    const look = () =>
      callers.berth.call('PATCH', core('secrets/token'), {
        body: { metadata: { annotations } },
        type: 'application/merge-patch+json',
      });
    await soon('the token', async () => (await look()).body.data?.token !== undefined);
    return Buffer.from((await look()).body.data.token, 'base64').toString();
  }

  it('acts without Berth’s group, and so without its fence', async () => {
    expect(await create(puppet, core('configmaps'), aConfigMap(freshName()))).toBe('allowed');
  });

  it('changes none of the bounds of its namespace', async () => {
    const open = { metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'privileged' } } };
    expect(await merge(puppet, `/api/v1/namespaces/${namespace}`, open)).toBe('no right');
    expect(outcomeOf(await puppet.call('DELETE', `/api/v1/namespaces/${namespace}`))).toBe('no right');
    expect(await merge(puppet, core('resourcequotas/berth'), { spec: { hard: { pods: '999' } } })).toBe('no right');
    expect(outcomeOf(await puppet.call('DELETE', core('resourcequotas/berth')))).toBe('no right');
    expect(outcomeOf(await puppet.call('DELETE', core('limitranges/berth')))).toBe('no right');
  });

  it('can’t give itself more', async () => {
    const rule = { resources: ['namespaces'], verbs: ['patch'] };
    expect(await create(puppet, inStaging('roles'), aRole([rule]))).toBe(raise);
    for (const role of ['berth', 'cluster-admin', 'edit']) {
      expect(await create(puppet, inStaging('rolebindings'), aBinding('ClusterRole', role))).toBe(raise);
    }
    expect(await create(puppet, `/apis/${rbac}/v1/clusterrolebindings`, aBinding('ClusterRole', 'berth'))).toBe(
      'no right',
    );
  });

  it('reaches no other namespace', async () => {
    for (const other of ['default', 'kube-system']) {
      expect(outcomeOf(await puppet.call('GET', core('configmaps', other)))).toBe('no right');
      expect(await create(puppet, core('configmaps', other), aConfigMap('mine'))).toBe('no right');
    }
    expect(outcomeOf(await puppet.call('GET', '/api/v1/pods'))).toBe('no right');
  });

  it('makes no pod that is privileged, or that pushes others aside, and takes no address', async () => {
    const pod = (spec: object, container: object = {}): KubernetesObject => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: freshName() },
      spec: { containers: [{ name: 'web', image: 'registry.example.com/web:1.0', ...container }], ...spec },
    });
    expect(await create(puppet, core('pods'), pod({}, { securityContext: { privileged: true } }))).toMatch(
      /^violates PodSecurity "baseline:latest": privileged/,
    );
    expect(await create(puppet, core('pods'), pod({ priorityClassName: 'system-cluster-critical' }))).toBe(
      'berth-contents: priority class system-cluster-critical is for what keeps the cluster running',
    );
    const service = { metadata: { name: freshName() }, spec: { ports: [{ port: 443 }] } };
    const claiming = { ...service, spec: { ...service.spec, externalIPs: ['192.0.2.1'] } };
    const refusal = 'berth-contents: externalIPs would take the traffic of the whole cluster to these addresses';
    expect(await create(puppet, core('services'), claiming)).toBe(refusal);
    expect(await create(puppet, core('services'), service)).toBe('allowed');
    expect(await merge(puppet, core(`services/${service.metadata.name}`), claiming)).toBe(refusal);
  });
});
