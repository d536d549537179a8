import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aConfigMap, freshName } from '../support/deploys.ts';
import { type Caller, type Callers, openCallers } from './callers.ts';
import { outcomeOf } from './outcome.ts';
import { deploy, deployerOf } from './staging.ts';

let callers: Callers;
const own = freshName();
const ofAnother = freshName();
const ofNobody = freshName();

beforeAll(async () => {
  callers = await openCallers();
  const { berth, qa, operator } = callers;
  await deploy(deployerOf(berth.client), own, []);
  await deploy(deployerOf(qa.client, { installation: 'qa' }), ofAnother, []);
  await operator.client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: `stg-${ofNobody}` } });
});
afterAll(() => callers[Symbol.asyncDispose]());

const enforce = 'pod-security.kubernetes.io/enforce';
const notOurs = (name: string) => `namespace ${name} is not a staging of installation berth`;
const mustKeep = (name: string) =>
  `namespace ${name} must keep its labels berth.dev/staging and berth.dev/installation=berth`;
const mustEnforce = (name: string) => `namespace ${name} must enforce Pod Security: ${enforce}=baseline`;
const mustEnforceLatest = (name: string) =>
  `namespace ${name} must enforce the latest Pod Security: ${enforce}-version`;

type Strings = Record<string, string | null>;

const labelsOf = (staging: string, over: Strings = {}): Strings => ({
  'app.kubernetes.io/managed-by': 'berth',
  'berth.dev/staging': staging,
  'berth.dev/installation': 'berth',
  [enforce]: 'baseline',
  ...over,
});
const annotations = { 'berth.dev/generation': '99', 'berth.dev/operation': 'deploy' };

const without = (labels: Strings, key: string): Strings =>
  Object.fromEntries(Object.entries(labels).filter(([name]) => name !== key));

const aNamespace = (name: string, labels: Strings, marks: Strings = annotations) => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels, annotations: marks },
});

const all = '/api/v1/namespaces';
const create = async (caller: Caller, body: object) => outcomeOf(await caller.call('POST', all, { body }));
const patch = async (caller: Caller, name: string, body: unknown, type = 'merge-patch+json', query = '') =>
  outcomeOf(await caller.call('PATCH', `${all}/${name}${query}`, { body, type: `application/${type}` }));
const apply = (caller: Caller, body: { metadata: { name: string } }) =>
  patch(caller, body.metadata.name, body, 'apply-patch+yaml', '?fieldManager=berth&force=true');

/** What nobody but the cluster itself changes. */
async function marksOf(name: string) {
  const found = await callers.operator.client.get({ apiVersion: 'v1', kind: 'Namespace', name });
  const { uid, labels, annotations: marks, deletionTimestamp } = found?.metadata ?? {};
  return { uid, labels, marks, deletionTimestamp };
}

describe('a namespace', () => {
  const name = freshName();
  const labels = labelsOf(name);
  it.each([
    ['without the prefix', aNamespace(name, labels), notOurs(name)],
    ['for a staging of another name', aNamespace(`stg-${name}`, labelsOf('other')), mustKeep(`stg-${name}`)],
    ['without its labels', aNamespace(`stg-${name}`, { [enforce]: 'baseline' }), mustKeep(`stg-${name}`)],
    [
      'for another installation',
      aNamespace(`stg-${name}`, { ...labels, 'berth.dev/installation': 'qa' }),
      mustKeep(`stg-${name}`),
    ],
    ['without Pod Security', aNamespace(`stg-${name}`, without(labels, enforce)), mustEnforce(`stg-${name}`)],
    [
      'that takes any pod',
      aNamespace(`stg-${name}`, { ...labels, [enforce]: 'privileged' }),
      mustEnforce(`stg-${name}`),
    ],
    [
      'under an early version of Pod Security',
      aNamespace(`stg-${name}`, { ...labels, [`${enforce}-version`]: 'v1.0' }),
      mustEnforceLatest(`stg-${name}`),
    ],
    [
      'without a generation',
      aNamespace(`stg-${name}`, labels, {}),
      'generation 0 is older than the namespace, which is at 1',
    ],
  ])('is not made %s', async (_, wrong, refusal) => {
    expect(await create(callers.berth, wrong)).toBe(`berth-namespaces: ${refusal}`);
    expect(await apply(callers.berth, wrong)).toBe(`berth-namespaces: ${refusal}`);
    expect((await marksOf(wrong.metadata.name)).uid).toBeUndefined();
  });

  it('is not made with a name that the server thinks of', async () => {
    const wrong = { apiVersion: 'v1', kind: 'Namespace', metadata: { generateName: 'stg-', labels, annotations } };
    expect(await create(callers.berth, wrong)).toMatch(/^berth-namespaces: /);
  });
});

describe.each([
  ['nobody has marked', `stg-${ofNobody}`],
  ['another installation has marked', `stg-${ofAnother}`],
  ['belongs to the cluster', 'kube-node-lease'],
])('a namespace that %s', (_, name) => {
  const wanted = aNamespace(name, labelsOf(name.replace('stg-', '')));
  const { labels } = wanted.metadata;

  it('is not taken over, by whatever kind of patch', async () => {
    const before = await marksOf(name);
    const metadata = { labels, annotations };
    const refusal = `berth-namespaces: ${notOurs(name)}`;
    expect(await patch(callers.berth, name, { metadata })).toBe(refusal);
    expect(await patch(callers.berth, name, { metadata }, 'strategic-merge-patch+json')).toBe(refusal);
    expect(await apply(callers.berth, wanted)).toBe(refusal);
    const one = [{ op: 'add', path: '/metadata/labels/berth.dev~1installation', value: 'berth' }];
    expect(await patch(callers.berth, name, one, 'json-patch+json')).toBe(refusal);
    expect(await marksOf(name)).toEqual(before);
  });

  it('is not deleted, annotated or freed of its labels', async () => {
    const before = await marksOf(name);
    const refusal = `berth-namespaces: ${notOurs(name)}`;
    const { resourceVersion } = (await callers.berth.call('GET', `${all}/${name}`)).body.metadata;
    const body = { preconditions: { resourceVersion } };
    expect(outcomeOf(await callers.berth.call('DELETE', `${all}/${name}`, { body }))).toBe(refusal);
    const mark = { metadata: { annotations: { 'berth.dev/operation': 'teardown' } } };
    expect(await patch(callers.berth, name, mark)).toBe(refusal);
    const free = { metadata: { labels: { 'berth.dev/installation': null } } };
    expect(await patch(callers.berth, name, free)).toBe(refusal);
    expect(await marksOf(name)).toEqual(before);
  });
});

describe('a namespace of Berth', () => {
  const name = `stg-${own}`;
  it.each<[string, { labels?: Strings; annotations?: Strings }, string]>([
    ['loses the label that makes it so', { labels: { 'berth.dev/installation': null } }, mustKeep(name)],
    ['loses the staging’s name', { labels: { 'berth.dev/staging': null } }, mustKeep(name)],
    ['is given another staging’s name', { labels: { 'berth.dev/staging': 'other' } }, mustKeep(name)],
    ['is handed to another installation', { labels: { 'berth.dev/installation': 'qa' } }, mustKeep(name)],
    ['is opened to any pod', { labels: { [enforce]: 'privileged' } }, mustEnforce(name)],
    ['loses Pod Security', { labels: { [enforce]: null } }, mustEnforce(name)],
    ['goes back to an early version of it', { labels: { [`${enforce}-version`]: 'v1.0' } }, mustEnforceLatest(name)],
    [
      'is turned back to an older generation',
      { annotations: { 'berth.dev/generation': '0' } },
      'generation 0 is older than the namespace, which is at 1',
    ],
    [
      'loses its generation',
      { annotations: { 'berth.dev/generation': null } },
      'generation 0 is older than the namespace, which is at 1',
    ],
  ])('never %s', async (_, metadata, refusal) => {
    const before = await marksOf(name);
    expect(await patch(callers.berth, name, { metadata })).toBe(`berth-namespaces: ${refusal}`);
    expect(await marksOf(name)).toEqual(before);
  });

  it('keeps its generation although an apply leaves it out', async () => {
    const deployer = deployerOf(callers.berth.client);
    const again = freshName();
    await deploy(deployer, again, []);
    await deploy(deployer, again, []);
    const before = await marksOf(`stg-${again}`);
    const bare = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: `stg-${again}` } };
    expect(await apply(callers.berth, bare)).toBe(
      'berth-namespaces: generation 0 is older than the namespace, which is at 2',
    );
    expect(await marksOf(`stg-${again}`)).toEqual(before);
  });

  it('is deleted by a teardown only, and only as it was read', async () => {
    const remove = async (body?: object) => outcomeOf(await callers.berth.call('DELETE', `${all}/${name}`, { body }));
    const versioned = async () => {
      const { resourceVersion } = (await callers.berth.call('GET', `${all}/${name}`)).body.metadata;
      return { preconditions: { resourceVersion } };
    };
    const asRead = await versioned();
    expect(await remove(asRead)).toBe(`berth-namespaces: namespace ${name} is not being torn down`);
    expect(await patch(callers.berth, name, { metadata: { annotations: { 'berth.dev/operation': 'teardown' } } })).toBe(
      'allowed',
    );
    expect(await remove()).toBe(
      `berth-namespaces: the deletion of namespace ${name} does not say which version it means`,
    );
    expect(await remove(asRead)).toMatch(/^409: /);
    expect(await patch(callers.berth, name, { metadata: { annotations: { 'berth.dev/operation': 'deploy' } } })).toBe(
      'allowed',
    );
  });

  it('is as safe from another installation’s Berth', async () => {
    const before = await marksOf(name);
    const refusal = `berth-qa-namespaces: namespace ${name} is not a staging of installation qa`;
    const wanted = aNamespace(name, { ...labelsOf(own), 'berth.dev/installation': 'qa' });
    expect(await apply(callers.qa, wanted)).toBe(refusal);
    expect(await patch(callers.qa, name, { metadata: wanted.metadata })).toBe(refusal);
    const body = { ...aConfigMap('mine'), metadata: { name: 'mine', annotations } };
    const answer = await callers.qa.call('POST', `${all}/${name}/configmaps`, { body });
    expect(outcomeOf(answer)).toBe(`berth-qa-objects: namespace ${name} is not a staging of installation qa`);
    expect(await marksOf(name)).toEqual(before);
  });
});
