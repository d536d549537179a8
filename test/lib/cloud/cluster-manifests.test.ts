import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { markers } from '../../../lambdas/domain/markers.ts';
import { clusterManifests } from '../../../lib/cloud/cluster-manifests/cluster-manifests.ts';
import { manifestsOf, policyOf, refusals, type Write } from './evaluate-admission.ts';

const Role = z.object({
  kind: z.literal('ClusterRole'),
  metadata: z.object({ name: z.string() }),
  rules: z.array(
    z.object({
      apiGroups: z.array(z.string()),
      resources: z.array(z.string()),
      resourceNames: z.array(z.string()).optional(),
      verbs: z.array(z.string()),
    }),
  ),
});
const roles = manifestsOf('berth').flatMap((document) => Role.safeParse(document).data ?? []);
const rulesOf = (name: string) => roles.find(({ metadata }) => metadata.name === name)?.rules ?? [];
const rules = roles.flatMap((role) => role.rules);

const namespace = (
  labels: Record<string, string> = {},
  generation = '7',
  name = 'stg-shop',
  operation: 'deploy' | 'teardown' = 'deploy',
) => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: {
    name,
    labels: {
      [markers.staging]: 'shop',
      [markers.installation]: 'berth',
      'pod-security.kubernetes.io/enforce': 'baseline',
      ...labels,
    },
    annotations: { [markers.generation]: generation, [markers.operation]: operation },
  },
});
const leaving = namespace({}, '7', 'stg-shop', 'teardown');

const deployment = (generation?: string) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: {
    name: 'web',
    labels: { [markers.managedBy]: markers.managedByValue },
    ...(generation === undefined ? {} : { annotations: { [markers.generation]: generation } }),
  },
});

const groups = ['berth', 'system:authenticated'];
const versioned = { preconditions: { uid: 'one', resourceVersion: '1' } };

describe('role', () => {
  it('names each right: no wildcard, no way to more rights', () => {
    const words = rules.flatMap((rule) => [...rule.apiGroups, ...rule.resources, ...rule.verbs]);
    for (const word of ['*', 'escalate', 'impersonate', 'approve', 'deletecollection', 'update']) {
      expect(words).not.toContain(word);
    }
    const resources = rules.flatMap((rule) => rule.resources);
    for (const resource of [
      'pods/exec',
      'pods/attach',
      'pods/portforward',
      'serviceaccounts/token',
      'nodes',
      'clusterrolebindings',
    ]) {
      expect(resources).not.toContain(resource);
    }
  });

  it('writes Secrets and reads logs in its own namespaces only, and never reads a Secret', () => {
    expect(rulesOf('berth').flatMap(({ resources }) => resources)).not.toContain('secrets');
    expect(rulesOf('berth').flatMap(({ resources }) => resources)).not.toContain('pods/log');
    const secrets = rulesOf('berth:staging').filter(({ resources }) => resources.includes('secrets'));
    expect(secrets.map(({ verbs }) => verbs)).toEqual([['create', 'patch', 'delete']]);
  });

  it('binds no cluster role but the one for its own namespaces', () => {
    expect(rules.filter(({ verbs }) => verbs.includes('bind'))).toEqual([
      {
        apiGroups: ['rbac.authorization.k8s.io'],
        resources: ['clusterroles'],
        resourceNames: ['berth:staging'],
        verbs: ['bind'],
      },
    ]);
  });
});

describe('documents', () => {
  it('are filled in for the installation', () => {
    const text = clusterManifests('qa');
    expect(text).not.toContain('${');
    expect(text).toContain("'berth-qa' in request.userInfo.groups");
    expect(text).toContain("object.roleRef.name == 'berth-qa:staging'");
    expect(manifestsOf('qa')).toHaveLength(11);
  });

  it('bind each policy so that it denies', () => {
    const Binding = z.object({
      kind: z.literal('ValidatingAdmissionPolicyBinding'),
      spec: z.object({ policyName: z.string(), validationActions: z.tuple([z.literal('Deny')]) }),
    });
    const bound = manifestsOf('berth').flatMap((document) => {
      const parsed = Binding.safeParse(document);
      return parsed.success ? [parsed.data.spec.policyName] : [];
    });
    expect(bound).toEqual(['berth-objects', 'berth-namespaces', 'berth-contents', 'berth-grants']);
  });
});

describe('policy on objects', () => {
  const policy = policyOf('berth', 'berth-objects');
  const write = (change: Partial<Write> = {}): Write => ({
    request: { operation: 'UPDATE', name: 'web', groups },
    object: deployment('7'),
    oldObject: deployment('3'),
    namespaceObject: namespace(),
    ...change,
  });

  it.each(['7', '8', '10'])('lets generation %s into a namespace at 7', (generation) => {
    expect(refusals(policy, write({ object: deployment(generation) }))).toEqual([]);
  });

  it('refuses an older generation, compared as a number, and names both', () => {
    const at = (newest: string) => write({ object: deployment('9'), namespaceObject: namespace({}, newest) });
    expect(refusals(policy, at('10'))).toEqual(['generation 9 is older than the namespace, which is at 10']);
  });

  it('refuses to turn an object back, while the namespace still seems to be at the older generation', () => {
    const late = write({ object: deployment('7'), oldObject: deployment('10') });
    expect(refusals(policy, late)).toEqual(['generation 7 is older than web, which is at 10']);
  });

  it('refuses an object without a generation', () => {
    expect(refusals(policy, write({ object: deployment(), oldObject: deployment() }))).toEqual([
      'generation 0 is older than the namespace, which is at 7',
    ]);
  });

  it('fails, and so refuses, where the generation is no number', () => {
    expect(() => refusals(policy, write({ object: deployment('new') }))).toThrow('BigInt');
  });

  it.each([
    ['another installation’s', namespace({ [markers.installation]: 'qa' })],
    ['nobody’s', { metadata: { name: 'stg-shop' } }],
    ['outside the prefix', namespace({}, '7', 'kube-system')],
  ])('refuses a namespace that is %s', (_, namespaceObject) => {
    const { name } = namespaceObject.metadata;
    for (const [operation, object] of [
      ['UPDATE', deployment('7')],
      ['DELETE', null],
    ] as const) {
      const request = { operation, name: 'web', groups, options: versioned };
      expect(refusals(policy, write({ request, object, namespaceObject }))).toEqual([
        `namespace ${name} is not a staging of installation berth`,
      ]);
    }
  });

  it('lets Berth’s own objects be deleted at any time, and all else only while the namespace is torn down', () => {
    const request = { operation: 'DELETE', name: 'web', groups, options: versioned };
    const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'web' } };
    expect(refusals(policy, write({ request, object: null }))).toEqual([]);
    expect(refusals(policy, write({ request, object: null, oldObject: claim, namespaceObject: leaving }))).toEqual([]);
    expect(refusals(policy, write({ request, object: null, oldObject: claim }))).toEqual([
      'namespace stg-shop is not being torn down, and web is not of Berth',
    ]);
  });

  describe('on a pod in the way of a StatefulSet’s update', () => {
    const ready = { type: 'Ready', status: 'True' };
    const owner = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'web', uid: 'one', controller: true };
    const pod = (generation?: string, more: object = {}, status: object = {}) => ({
      ...deployment(generation),
      metadata: {
        name: 'web-0',
        ...(generation === undefined ? {} : { annotations: { [markers.generation]: generation } }),
        ownerReferences: [owner],
        ...more,
      },
      status,
    });
    const unready = {
      conditions: [
        { type: 'PodScheduled', status: 'True' },
        { ...ready, status: 'False' },
      ],
    };
    const removed = (oldObject: object, more: object = {}, namespaceObject: object = namespace()) =>
      refusals(
        policy,
        write({
          request: { operation: 'DELETE', name: 'web-0', groups, resource: 'pods', options: versioned, ...more },
          object: null,
          oldObject,
          namespaceObject,
        }),
      );

    it.each([
      ['that isn’t ready', pod('7', {}, unready)],
      ['that nobody has told of yet', pod('7')],
    ])('lets the operation delete one %s and that it has marked', (_, found) => {
      expect(removed(found)).toEqual([]);
    });

    it.each<[string, object, object?, object?]>([
      ['that is ready', pod('7', {}, { conditions: [ready] })],
      ['without a mark', pod()],
      ['that an older operation has marked', pod('6')],
      ['that was marked before a newer operation came', pod('7'), {}, namespace({}, '8')],
      ['that seems to be of a newer one', pod('8')],
      ['of a ReplicaSet', pod('7', { ownerReferences: [{ ...owner, kind: 'ReplicaSet' }] })],
      ['of another kind of StatefulSet', pod('7', { ownerReferences: [{ ...owner, apiVersion: 'example.com/v1' }] })],
      ['that a StatefulSet merely owns', pod('7', { ownerReferences: [{ ...owner, controller: false }] })],
      ['of nobody', pod('7', { ownerReferences: undefined })],
      ['that is no pod', pod('7'), { resource: 'persistentvolumeclaims' }],
    ])('refuses one %s', (_, found, request, namespaceObject) => {
      expect(removed(JSON.parse(JSON.stringify(found)), request, namespaceObject)).toEqual([
        'namespace stg-shop is not being torn down, and web-0 is not of Berth',
      ]);
    });

    it('refuses one whose version isn’t named', () => {
      expect(removed(pod('7'), { options: {} })).toEqual(['the deletion of web-0 does not say which version it means']);
    });

    it('refuses one where neither mark nor namespace has a generation', () => {
      const { annotations: _, ...metadata } = namespace().metadata;
      expect(removed(pod(), {}, { metadata })).toHaveLength(1);
    });
  });

  it('refuses a deletion that would take whatever version it finds', () => {
    for (const options of [{}, { preconditions: { uid: 'one' } }]) {
      const request = { operation: 'DELETE', name: 'web', groups, options };
      expect(refusals(policy, write({ request, object: null }))).toEqual([
        'the deletion of web does not say which version it means',
      ]);
    }
  });

  it('has no say over anybody else', () => {
    const request = { operation: 'UPDATE', name: 'web', groups: ['system:masters'] };
    expect(refusals(policy, write({ request, object: deployment('1') }))).toEqual([]);
  });
});

describe('policy on namespaces', () => {
  const policy = policyOf('berth', 'berth-namespaces');
  const request = (operation: string, name = 'stg-shop') => ({ operation, name, groups, options: versioned });
  const create = (object: { metadata: { name: string } }): Write => ({
    request: request('CREATE', object.metadata.name),
    object,
    oldObject: null,
    namespaceObject: null,
  });
  const update = (object: unknown, oldObject: unknown): Write => ({
    request: request('UPDATE'),
    object,
    oldObject,
    namespaceObject: null,
  });
  const remove = (oldObject: { metadata: { name: string } }): Write => ({
    request: request('DELETE', oldObject.metadata.name),
    object: null,
    oldObject,
    namespaceObject: null,
  });

  it('lets its own be made, raised and deleted', () => {
    expect(refusals(policy, create(namespace()))).toEqual([]);
    expect(refusals(policy, update(namespace({}, '8'), namespace()))).toEqual([]);
    expect(refusals(policy, update(namespace(), namespace()))).toEqual([]);
    expect(refusals(policy, remove(leaving))).toEqual([]);
  });

  it('refuses to delete one that a deploy holds', () => {
    expect(refusals(policy, remove(namespace()))).toEqual(['namespace stg-shop is not being torn down']);
  });

  it('leaves a version of Pod Security to whoever pinned it, and pins none itself', () => {
    const pinned = namespace({ 'pod-security.kubernetes.io/enforce-version': 'v1.20' });
    expect(refusals(policy, update(pinned, pinned))).toEqual([]);
    expect(refusals(policy, update(pinned, namespace()))).toEqual([
      'namespace stg-shop must enforce the latest Pod Security: pod-security.kubernetes.io/enforce-version',
    ]);
  });

  it('refuses to turn a generation back', () => {
    expect(refusals(policy, update(namespace({}, '9'), namespace({}, '10')))).toEqual([
      'generation 9 is older than the namespace, which is at 10',
    ]);
  });

  it('refuses to take over or delete what another installation, or nobody, has marked', () => {
    for (const old of [namespace({ [markers.installation]: 'qa' }), { metadata: { name: 'stg-shop' } }]) {
      const message = 'namespace stg-shop is not a staging of installation berth';
      expect(refusals(policy, update(namespace(), old))).toContain(message);
      expect(refusals(policy, remove(old))).toContain(message);
    }
  });

  it.each([
    ['a name without the prefix', namespace({ [markers.staging]: 'kube-system' }, '1', 'kube-system')],
    ['a staging label of another name', namespace({ [markers.staging]: 'other' })],
    ['another installation’s label', namespace({ [markers.installation]: 'qa' })],
    ['privileged pods', namespace({ 'pod-security.kubernetes.io/enforce': 'privileged' })],
    ['no label at all', { metadata: { name: 'stg-shop', annotations: { [markers.generation]: '1' } } }],
    ['no generation', { metadata: { ...namespace().metadata, annotations: {} } }],
  ])('refuses to make one with %s', (_, object) => {
    expect(refusals(policy, create(object))).not.toEqual([]);
  });
});

describe('policy on contents', () => {
  const policy = policyOf('berth', 'berth-contents');
  const write = (resource: string, spec: object, before?: object): Write => ({
    request: { operation: before ? 'UPDATE' : 'CREATE', name: 'web', groups: ['system:serviceaccounts'], resource },
    object: { metadata: { name: 'web' }, spec },
    oldObject: before ? { metadata: { name: 'web' }, spec: before } : null,
    namespaceObject: namespace(),
  });

  it('keeps anybody’s pods from the classes of the cluster’s own', () => {
    expect(refusals(policy, write('pods', {}))).toEqual([]);
    expect(refusals(policy, write('pods', { priorityClassName: 'low' }))).toEqual([]);
    expect(refusals(policy, write('pods', { priorityClassName: 'system-node-critical' }))).toEqual([
      'priority class system-node-critical is for what keeps the cluster running',
    ]);
  });

  it('keeps Services from addresses of others, but for what was there before', () => {
    const claiming = { externalIPs: ['192.0.2.1'] };
    expect(refusals(policy, write('services', { ports: [] }))).toEqual([]);
    expect(refusals(policy, write('services', claiming, claiming))).toEqual([]);
    for (const before of [undefined, {}, { externalIPs: ['192.0.2.2'] }]) {
      expect(refusals(policy, write('services', claiming, before))).toEqual([
        'externalIPs would take the traffic of the whole cluster to these addresses',
      ]);
    }
  });
});

describe('policy on grants', () => {
  const policy = policyOf('berth', 'berth-grants');
  const write = (resource: string, fields: object, by = groups): Write => ({
    request: { operation: 'CREATE', name: 'web', groups: by, resource },
    object: { metadata: { name: 'web' }, ...fields },
    oldObject: null,
    namespaceObject: namespace(),
  });
  const role = (...rules: object[]) => write('roles', { rules });
  const binding = (roleRef: object, ...subjects: object[]) => write('rolebindings', { roleRef, subjects });

  it('lets a role read what bounds the staging, and not change it', () => {
    const ofWorkload = { apiGroups: ['apps'], resources: ['deployments'], verbs: ['get', 'patch'] };
    expect(refusals(policy, role(ofWorkload, { resources: ['namespaces'], verbs: ['get', 'list'] }))).toEqual([]);
    expect(refusals(policy, write('roles', { rules: null }))).toEqual([]);
    for (const kind of ['namespaces', 'resourcequotas', 'limitranges']) {
      expect(refusals(policy, role(ofWorkload, { resources: [kind], verbs: ['get', 'patch'] }))).toEqual([
        'a role in a staging may not change namespaces, resourcequotas or limitranges',
      ]);
    }
  });

  it('lets a binding refer to a Role, or be Berth’s own', () => {
    const account = { kind: 'ServiceAccount', name: 'shop' };
    const berth = { kind: 'Group', name: 'berth' };
    const own = { kind: 'ClusterRole', name: 'berth:staging' };
    expect(refusals(policy, binding({ kind: 'Role', name: 'shop' }, account))).toEqual([]);
    expect(refusals(policy, binding(own, berth))).toEqual([]);
    for (const wrong of [
      binding({ kind: 'ClusterRole', name: 'berth' }, account),
      binding(own, account),
      binding(own, berth, account),
      write('rolebindings', { roleRef: own }),
    ]) {
      expect(refusals(policy, wrong)).toEqual([
        'a role binding in a staging may refer to a Role only, not to a ClusterRole',
      ]);
    }
    expect(refusals(policy, { ...binding(own, account), request: { ...binding(own).request, groups: [] } })).toEqual(
      [],
    );
  });
});

describe('npm run cluster-manifests', () => {
  const program = join(import.meta.dirname, '../../../bin/cluster-manifests.ts');
  const run = (...args: string[]) => promisify(execFile)(process.execPath, [program, ...args]);

  it('prints the manifests of the installation that is asked for', async () => {
    expect((await run('--installation', 'second')).stdout.trim()).toBe(clusterManifests('second').trim());
  });

  it.each([
    ['--installation=X_Y', /^--installation: must be a DNS label of at most 30 characters/],
    ['--instalation=second', /^Unknown option '--instalation'/],
  ])('says what is wrong with %s, and prints nothing else', async (argument, message) => {
    await expect(run(argument)).rejects.toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(message) });
  });
});
