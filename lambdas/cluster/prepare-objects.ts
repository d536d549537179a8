import type { Blueprint } from '../domain/blueprint.ts';
import { ApplyRejected } from '../domain/health/failures.ts';
import { at, listAt, textAt } from '../domain/health/fields.ts';
import { describeObject, type Hook, KubernetesObject, type Workload } from '../domain/kubernetes-object.ts';
import { guardName, inventoryName, markers } from '../domain/markers.ts';
import { groupOf } from '../domain/object-ref.ts';
import type { ApiResource, Discovery } from './resources.ts';

/** For whom objects are prepared. */
export interface Target {
  /** the staging's name */
  staging: string;
  namespace: string;
  generation: number;
}

/** Labels that say whose an object is. */
export const ownLabels = (staging: string): Record<string, string> => ({
  [markers.managedBy]: markers.managedByValue,
  [markers.staging]: staging,
});

/** Whether an object says that it is this staging's. */
export const isOwn = ({ metadata: { labels } }: KubernetesObject, staging: string): boolean =>
  labels?.[markers.managedBy] === markers.managedByValue && labels[markers.staging] === staging;

/** Lists of objects come out as their objects; anything else as itself. */
export function flattenLists(objects: readonly KubernetesObject[]): KubernetesObject[] {
  return objects.flatMap((object) => {
    if (!object.kind.endsWith('List') || !Array.isArray(at(object, 'items'))) return [object];
    const itemKind = object.kind.slice(0, -'List'.length);
    return flattenLists(
      listAt(object, 'items').map((item) =>
        KubernetesObject.parse(
          itemKind === '' || typeof item !== 'object'
            ? item
            : { apiVersion: object.apiVersion, kind: itemKind, ...item },
        ),
      ),
    );
  });
}

/** Definitions are shared by all stagings of a cluster: they carry no staging and no generation, and no teardown takes them. */
export const isDefinition = (object: { apiVersion: string; kind: string }): boolean =>
  object.kind === 'CustomResourceDefinition' && groupOf(object.apiVersion) === 'apiextensions.k8s.io';

function marked(object: KubernetesObject, namespaced: boolean, target: Target): KubernetesObject {
  const { status: _status, ...kept } = object;
  const { namespace: _namespace, managedFields: _managed, creationTimestamp: _created, ...metadata } = object.metadata;
  const { resourceVersion: _version, uid: _uid, generation: _generation, ...plain } = metadata;
  const shared = isDefinition(object);
  return {
    ...kept,
    metadata: {
      ...plain,
      ...(namespaced ? { namespace: target.namespace } : {}),
      labels: {
        ...plain.labels,
        ...(shared ? { [markers.managedBy]: markers.managedByValue } : ownLabels(target.staging)),
      },
      annotations: {
        ...plain.annotations,
        ...(shared ? {} : { [markers.generation]: String(target.generation) }),
      },
    },
  };
}

type Finding = { object: KubernetesObject } | { refusal: string };

/**
 * Makes a rendered workload fit to be applied: lists flattened, namespace forced, labels and generation set.
 * @throws ApplyRejected with everything that can't be applied, so that nothing is written before all is in order
 */
export async function prepareWorkload(
  workload: Workload,
  target: Target,
  blueprint: Pick<Blueprint, 'clusterScoped'>,
  discovery: Discovery,
): Promise<Workload> {
  const objects = flattenLists(workload.objects);
  const defined = new Map(objects.filter(isDefinition).map((definition) => definedKind(definition)));
  const check = async (object: KubernetesObject): Promise<Finding> => {
    const kind = await kindOf(object, defined, discovery);
    const refusal = refusalOf(object, kind, target, blueprint);
    return kind && refusal === undefined
      ? { object: marked(object, kind.namespaced, target) }
      : { refusal: `${describeObject(object)}: ${refusal ?? ''}` };
  };
  const findings = await Promise.all(objects.map(check));
  const hookFindings = await Promise.all(workload.hooks.map(({ object }) => check(object)));
  const refusals = [...findings, ...hookFindings].flatMap((finding) => ('refusal' in finding ? [finding.refusal] : []));
  if (refusals.length > 0) throw new ApplyRejected(refusals.join('; '));
  return {
    objects: findings.flatMap((finding) => ('object' in finding ? [finding.object] : [])),
    hooks: workload.hooks.flatMap((hook, index): Hook[] => {
      const finding = hookFindings[index];
      return finding && 'object' in finding ? [{ ...hook, object: finding.object }] : [];
    }),
  };
}

type Kind = Pick<ApiResource, 'namespaced'>;

const kindKey = (apiVersion: string, kind: string): string => `${groupOf(apiVersion)}/${kind}`;

/** The kind that a definition brings with it. */
function definedKind(definition: KubernetesObject): [string, Kind] {
  const group = textAt(definition, 'spec', 'group') ?? '';
  const kind = textAt(definition, 'spec', 'names', 'kind') ?? '';
  return [`${group}/${kind}`, { namespaced: textAt(definition, 'spec', 'scope') !== 'Cluster' }];
}

/** What the cluster serves counts before what a definition claims: one could say of any kind that it is namespaced. */
const kindOf = async (
  { apiVersion, kind }: KubernetesObject,
  defined: ReadonlyMap<string, Kind>,
  discovery: Discovery,
): Promise<Kind | undefined> => (await discovery.find(apiVersion, kind)) ?? defined.get(kindKey(apiVersion, kind));

function refusalOf(
  { apiVersion, kind, metadata }: KubernetesObject,
  served: Kind | undefined,
  target: Target,
  { clusterScoped }: Pick<Blueprint, 'clusterScoped'>,
): string | undefined {
  if (!served) return `the cluster doesn't serve ${kind} of ${apiVersion}`;
  if (metadata.name === undefined || metadata.name === '')
    return 'has no name, and a generated one could not be kept track of';
  if (keptNames[kind] === metadata.name) return 'is the name of what Berth itself keeps there';
  if (served.namespaced) return grantsElsewhere({ apiVersion, metadata }, target);
  if (clusterScoped.includes(kind)) return undefined;
  return `is cluster-scoped, and the blueprint doesn't list ${kind} under clusterScoped`;
}

const keptNames: Readonly<Record<string, string>> = {
  ConfigMap: inventoryName,
  ResourceQuota: guardName,
  LimitRange: guardName,
  NetworkPolicy: guardName,
  RoleBinding: guardName,
};

/** Any other object is moved into the staging's namespace; a role or a binding would grant something else there. */
function grantsElsewhere(
  { apiVersion, metadata }: Pick<KubernetesObject, 'apiVersion' | 'metadata'>,
  { namespace }: Target,
): string | undefined {
  if (groupOf(apiVersion) !== 'rbac.authorization.k8s.io') return undefined;
  if (metadata.namespace === undefined || metadata.namespace === namespace) return undefined;
  return `is for namespace ${metadata.namespace}, and a staging grants rights in its own only`;
}
