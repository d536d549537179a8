import type { Caller } from './callers.ts';

/** Something that requests can be about: a resource or a subresource, such as `pods/exec`. */
export interface Resource {
  /** empty for the core */
  group: string;
  apiVersion: string;
  name: string;
  namespaced: boolean;
}

const rootOf = (apiVersion: string): string =>
  apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;

/** Everything that the API server serves, in its preferred versions. */
export async function servedResources(caller: Caller): Promise<Resource[]> {
  const { body } = await caller.call('GET', '/apis');
  const groups: { name: string; preferredVersion: { groupVersion: string } }[] = body.groups;
  const versions = [
    { group: '', apiVersion: 'v1' },
    ...groups.map(({ name, preferredVersion }) => ({ group: name, apiVersion: preferredVersion.groupVersion })),
  ];
  const lists = await Promise.all(
    versions.map(async ({ group, apiVersion }) => {
      const { body: list } = await caller.call('GET', rootOf(apiVersion));
      const found: { name: string; namespaced: boolean }[] = list.resources;
      return found.map(({ name, namespaced }) => ({ group, apiVersion, name, namespaced }));
    }),
  );
  return lists.flat();
}

/** Where an object, or all of a kind, are found. */
export function pathOf({ apiVersion, name, namespaced }: Resource, namespace: string, object?: string): string {
  const [plural = '', subresource] = name.split('/');
  const scope = namespaced ? `/namespaces/${namespace}` : '';
  const one = object === undefined ? '' : `/${object}`;
  return `${rootOf(apiVersion)}${scope}/${plural}${one}${subresource === undefined ? '' : `/${subresource}`}`;
}

/** The requests behind the verbs of a role. */
const verbs = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'] as const;
export type Verb = (typeof verbs)[number];

const ofAll: ReadonlySet<Verb> = new Set(['list', 'watch', 'deletecollection']);

/** A subresource belongs to one object: there are never several. */
export const verbsOf = ({ name }: Resource): Verb[] => verbs.filter((verb) => !name.includes('/') || !ofAll.has(verb));

const methods: Record<Verb, string> = {
  get: 'GET',
  list: 'GET',
  watch: 'GET',
  create: 'POST',
  update: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
  deletecollection: 'DELETE',
};

/** Sends what a verb stands for, with a body that says nothing. */
export function act(caller: Caller, verb: Verb, resource: Resource, namespace: string) {
  const isOfAll = ofAll.has(verb) || (verb === 'create' && !resource.name.includes('/'));
  const path = pathOf(resource, namespace, isOfAll ? undefined : 'anything');
  const patch = verb === 'patch' ? { type: 'application/merge-patch+json' } : {};
  const body = ['create', 'update', 'patch'].includes(verb) ? { body: {}, ...patch } : {};
  return caller.call(methods[verb], verb === 'watch' ? `${path}?watch=true&timeoutSeconds=1` : path, body);
}
