import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { markers } from '../../../lambdas/domain/markers.ts';
import { clusterManifests } from '../../../lib/cloud/cluster-manifests/cluster-manifests.ts';
import { manifestsOf, policyOf, refusals, type Write } from './evaluate-admission.ts';

const Role = z.object({
  rules: z.array(
    z.object({ apiGroups: z.array(z.string()), resources: z.array(z.string()), verbs: z.array(z.string()) }),
  ),
});
const { rules } = Role.parse(manifestsOf('berth')[0]);

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

describe('role', () => {
  it('names each right: no wildcard, no way to more rights', () => {
    const words = rules.flatMap((rule) => [...rule.apiGroups, ...rule.resources, ...rule.verbs]);
    for (const word of ['*', 'escalate', 'bind', 'impersonate', 'approve', 'deletecollection']) {
      expect(words).not.toContain(word);
    }
    const resources = rules.flatMap((rule) => rule.resources);
    for (const resource of [
      'pods/exec',
      'pods/attach',
      'pods/portforward',
      'serviceaccounts/token',
      'nodes',
      'clusterroles',
    ]) {
      expect(resources).not.toContain(resource);
    }
  });

  it('writes Secrets but never reads them', () => {
    const secrets = rules.filter((rule) => rule.resources.includes('secrets'));
    expect(secrets.map((rule) => rule.verbs)).toEqual([['create', 'patch', 'delete']]);
  });
});

describe('documents', () => {
  it('are filled in for the installation', () => {
    const text = clusterManifests('qa');
    expect(text).not.toContain('${');
    expect(text).toContain("'berth-qa' in request.userInfo.groups");
    expect(manifestsOf('qa')).toHaveLength(6);
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
    expect(bound).toEqual(['berth-objects', 'berth-namespaces']);
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

  it('refuses an object without a generation', () => {
    expect(refusals(policy, write({ object: deployment() }))).toEqual([
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
      const request = { operation, name: 'web', groups };
      expect(refusals(policy, write({ request, object, namespaceObject }))).toEqual([
        `namespace ${name} is not a staging of installation berth`,
      ]);
    }
  });

  it('lets Berth’s own objects be deleted at any time, and all else only while the namespace is torn down', () => {
    const request = { operation: 'DELETE', name: 'web', groups };
    const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'web' } };
    expect(refusals(policy, write({ request, object: null }))).toEqual([]);
    expect(refusals(policy, write({ request, object: null, oldObject: claim, namespaceObject: leaving }))).toEqual([]);
    expect(refusals(policy, write({ request, object: null, oldObject: claim }))).toEqual([
      'namespace stg-shop is not being torn down, and web is not of Berth',
    ]);
  });

  it('has no say over anybody else', () => {
    const request = { operation: 'UPDATE', name: 'web', groups: ['system:masters'] };
    expect(refusals(policy, write({ request, object: deployment('1') }))).toEqual([]);
  });
});

describe('policy on namespaces', () => {
  const policy = policyOf('berth', 'berth-namespaces');
  const request = (operation: string, name = 'stg-shop') => ({ operation, name, groups });
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
