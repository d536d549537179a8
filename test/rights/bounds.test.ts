import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../../lambdas/domain/kubernetes-object.ts';
import { refOf } from '../../lambdas/domain/object-ref.ts';
import { aConfigMap, freshName } from '../support/deploys.ts';
import { type Answer, type Callers, openCallers } from './callers.ts';
import { aSecret, everyKindAsleep } from './every-kind.ts';
import { outcomeOf } from './outcome.ts';
import { act, pathOf, type Resource, servedResources, type Verb, verbsOf } from './resources.ts';
import { deploy, deployerOf } from './staging.ts';

let callers: Callers;
let resources: Resource[];
/** one of Berth's own namespaces */
const own = freshName();
const labelled = `team-${freshName()}`;
const unlabelled = `stg-${freshName()}`;
const ofAnother = freshName();
const foreign = {
  'the cluster’s own': 'kube-system',
  default: 'default',
  'one with the label, but not the prefix': labelled,
  'one with the prefix, but no label': unlabelled,
  'another installation’s': `stg-${ofAnother}`,
};

beforeAll(async () => {
  callers = await openCallers();
  const { berth, qa, operator } = callers;
  const namespaceOf = (name: string, labels = {}) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels },
  });
  await operator.client.create(namespaceOf(labelled, { 'berth.dev/installation': 'berth' }));
  await operator.client.create(namespaceOf(unlabelled));
  await deploy(deployerOf(berth.client), own, [aSecret('secret'), aConfigMap('settings')]);
  await deploy(deployerOf(qa.client, { installation: 'qa' }), ofAnother, []);
  for (const namespace of Object.values(foreign)) {
    for (const object of everyKindAsleep()) await operator.client.apply(inside(object, namespace));
  }
  resources = await servedResources(berth);
});
afterAll(() => callers[Symbol.asyncDispose]());

const inside = (object: KubernetesObject, namespace: string): KubernetesObject => ({
  ...object,
  metadata: { ...object.metadata, namespace },
});

const read = ['get', 'list', 'watch'] as const;
const write = ['create', 'patch', 'delete'] as const;

/** What Berth may do anywhere, as far as its role goes: policies keep the writes inside of its own namespaces. */
const everywhere: Record<string, readonly (Verb | 'bind')[]> = {
  namespaces: [...read, ...write],
  configmaps: [...read, ...write],
  limitranges: [...read, ...write],
  persistentvolumeclaims: [...read, ...write],
  pods: [...read, ...write],
  replicationcontrollers: [...read, ...write],
  resourcequotas: [...read, ...write],
  serviceaccounts: [...read, ...write],
  services: [...read, ...write],
  events: read,
  'daemonsets.apps': [...read, ...write],
  'deployments.apps': [...read, ...write],
  'replicasets.apps': [...read, ...write],
  'statefulsets.apps': [...read, ...write],
  'cronjobs.batch': [...read, ...write],
  'jobs.batch': [...read, ...write],
  'horizontalpodautoscalers.autoscaling': [...read, ...write],
  'poddisruptionbudgets.policy': [...read, ...write],
  'ingresses.networking.k8s.io': [...read, ...write],
  'networkpolicies.networking.k8s.io': [...read, ...write],
  'roles.rbac.authorization.k8s.io': [...read, ...write],
  'rolebindings.rbac.authorization.k8s.io': [...read, ...write],
};
const bind = { 'clusterroles.rbac.authorization.k8s.io berth:staging': ['bind'] };
/** And in its own namespaces besides. */
const inOwn: typeof everywhere = { secrets: write, 'pods/log': ['get'] };

/** What every user may: ask who they are and what they may do. */
const everybodys = /^selfsubject/;

const qualified = (group: string, resource: string): string => (group === '' ? resource : `${resource}.${group}`);

/** The rights in a namespace as the API server itself tells them. */
async function toldRights(namespace: string) {
  const { body } = await callers.berth.call('POST', '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews', {
    body: { spec: { namespace } },
  });
  const rules: { verbs: string[]; apiGroups: string[]; resources: string[]; resourceNames?: string[] }[] =
    body.status.resourceRules;
  const told = new Map<string, Set<string>>();
  for (const rule of rules) {
    for (const group of rule.apiGroups) {
      for (const resource of rule.resources) {
        const key = [qualified(group, resource), ...(rule.resourceNames ?? [])].join(' ');
        if (!everybodys.test(key)) told.set(key, new Set([...(told.get(key) ?? []), ...rule.verbs]));
      }
    }
  }
  return Object.fromEntries([...told].map(([key, given]) => [key, [...given].toSorted()]));
}

const sorted = (rights: Record<string, readonly string[]>) =>
  Object.fromEntries(Object.entries(rights).map(([key, given]) => [key, given.toSorted()]));

describe('Berth’s rights', () => {
  it('are these everywhere, and these two more in its own namespaces', async () => {
    expect(await toldRights('kube-system')).toEqual(sorted({ ...everywhere, ...bind }));
    expect(await toldRights(`stg-${ofAnother}`)).toEqual(sorted({ ...everywhere, ...bind }));
    expect(await toldRights(`stg-${own}`)).toEqual(sorted({ ...everywhere, ...bind, ...inOwn }));
  });

  it('leave out every other verb, resource and subresource that the API server serves', async () => {
    expect(resources.length).toBeGreaterThan(100);
    const rights = { 'kube-system': everywhere, [`stg-${own}`]: { ...everywhere, ...inOwn } };
    const wrong: string[] = [];
    for (const [namespace, given] of Object.entries(rights)) {
      const tried = resources.flatMap((resource) => {
        const [plural = '', subresource] = resource.name.split('/');
        const name = qualified(resource.group, plural) + (subresource === undefined ? '' : `/${subresource}`);
        if (everybodys.test(name)) return [];
        return verbsOf(resource)
          .filter((verb) => !given[name]?.includes(verb))
          .map((verb) => ({ verb, resource, name }));
      });
      expect(tried.length).toBeGreaterThan(500);
      await Promise.all(
        tried.map(async ({ verb, resource, name }) => {
          const outcome = outcomeOf(await act(callers.berth, verb, resource, namespace));
          if (outcome !== 'no right') wrong.push(`${verb} ${name} in ${namespace}: ${outcome}`);
        }),
      );
    }
    expect(wrong).toEqual([]);
  });
});

describe('a Secret', () => {
  const places = { ...foreign, 'a staging of Berth': `stg-${own}` };

  it.each(Object.entries(places))('is not read in a namespace that is %s', async (_, namespace) => {
    const all = `/api/v1/namespaces/${namespace}/secrets`;
    for (const path of [all, `${all}?watch=true`, `${all}/secret`, '/api/v1/secrets']) {
      expect([path, outcomeOf(await callers.berth.call('GET', path))]).toEqual([path, 'no right']);
    }
    const accept = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';
    expect(outcomeOf(await callers.berth.call('GET', `${all}/secret`, { headers: { accept } }))).toBe('no right');
  });

  it.each(Object.entries(foreign))('is not quoted by a refusal in a namespace that is %s', async (_, namespace) => {
    const path = `/api/v1/namespaces/${namespace}/secrets/secret`;
    for (const patch of [
      [{ op: 'copy', from: '/data/password', path: '/type' }],
      [{ op: 'copy', from: '/data', path: '/metadata/labels' }],
      [{ op: 'test', path: '/data/password', value: 'guessed' }],
    ]) {
      const answer = await callers.berth.call('PATCH', path, { body: patch, type: 'application/json-patch+json' });
      expect(outcomeOf(answer)).toBe('no right');
      expect(JSON.stringify(answer.body)).not.toContain(Buffer.from('hunter2').toString('base64'));
    }
  });
});

describe('the log of a pod', () => {
  it.each(Object.entries(foreign))('is not read in a namespace that is %s', async (_, namespace) => {
    const path = `/api/v1/namespaces/${namespace}/pods/pod/log`;
    expect(outcomeOf(await callers.berth.call('GET', path))).toBe('no right');
  });
});

describe('an object', () => {
  it.each(Object.entries(foreign))(
    'is neither made, changed nor removed in a namespace that is %s',
    async (_, namespace) => {
      const refusal = `berth-objects: namespace ${namespace} is not a staging of installation berth`;
      for (const sample of everyKindAsleep()) {
        const object = inside(sample, namespace);
        const before = await callers.operator.client.get(refOf(object));
        const outcomes = await attack(object, before);
        // Who may not patch at all is told nothing of what is there.
        const usual = object.kind === 'Secret' ? 'no right' : refusal;
        expect({ kind: object.kind, ...outcomes }).toEqual({
          kind: object.kind,
          create: usual,
          merge: usual,
          strategic: usual,
          json: usual,
          apply: usual,
          delete: usual,
          update: 'no right',
          deletecollection: 'no right',
        });
        const after = await callers.operator.client.get(refOf(object));
        expect([after?.metadata.uid, after?.metadata.labels, after?.metadata.deletionTimestamp]).toEqual([
          before?.metadata.uid,
          before?.metadata.labels,
          undefined,
        ]);
      }
    },
  );

  /** As it was read last: again where one of its controllers came between. */
  async function removal(path: string): Promise<Answer> {
    const { body } = await callers.operator.call('GET', path);
    const { uid, resourceVersion } = body.metadata;
    const answer = await callers.berth.call('DELETE', path, { body: { preconditions: { uid, resourceVersion } } });
    return answer.status === 409 ? removal(path) : answer;
  }

  /** Every way to change it, marked as Berth marks what is its own. */
  async function attack(object: KubernetesObject, before: KubernetesObject | undefined) {
    const { berth } = callers;
    const resource = resources.find(
      ({ apiVersion, name }) => apiVersion === object.apiVersion && name === pluralOf(object.kind),
    );
    if (!resource || !before) throw new Error(`${object.kind} is not there`);
    const { namespace = '', name = '' } = before.metadata;
    const [all, one] = [pathOf(resource, namespace), pathOf(resource, namespace, name)];
    const metadata = {
      labels: { 'app.kubernetes.io/managed-by': 'berth', 'berth.dev/staging': own },
      annotations: { 'berth.dev/generation': '999' },
    };
    const marked = { ...object, metadata: { ...object.metadata, ...metadata } };
    const patch = (type: string, body: unknown, query = '') =>
      berth.call('PATCH', `${one}${query}`, { type: `application/${type}`, body });
    const named = { ...marked, metadata: { ...marked.metadata, name: 'another' } };
    const answers = {
      create: await berth.call('POST', all, { body: named }),
      merge: await patch('merge-patch+json', { metadata }),
      strategic: await patch('strategic-merge-patch+json', { metadata }),
      json: await patch('json-patch+json', [{ op: 'add', path: '/metadata/labels', value: metadata.labels }]),
      apply: await patch('apply-patch+yaml', marked, '?fieldManager=berth&force=true'),
      update: await berth.call('PUT', one, { body: { ...before, metadata: { ...before.metadata, ...metadata } } }),
      deletecollection: await berth.call('DELETE', all),
      delete: await removal(one),
    };
    return Object.fromEntries(Object.entries(answers).map(([how, answer]) => [how, outcomeOf(answer)]));
  }
});

const pluralOf = (kind: string): string => {
  const lower = kind.toLowerCase();
  if (lower.endsWith('y')) return `${lower.slice(0, -1)}ies`;
  return lower.endsWith('s') ? `${lower}es` : `${lower}s`;
};
