import { rootOf } from '../../lambdas/cluster/resources.ts';
import type { KubernetesObject } from '../../lambdas/domain/kubernetes-object.ts';
import type { ObjectRef } from '../../lambdas/domain/object-ref.ts';
import type { TestCluster } from './cluster.ts';

/** What somebody else writes into an object: a person with kubectl, a controller. `manager` is their field manager. */
export interface OtherWrite {
  manager: string;
  /** server-side apply, taking over whatever it meets; a merge patch where absent */
  isApply?: boolean;
  subresource?: 'status';
}

/** Writes a part of an object as another than Berth. @throws KubernetesError */
export async function writeAs(
  { operator, transport }: TestCluster,
  ref: ObjectRef,
  body: object,
  { manager, isApply = false, subresource }: OtherWrite,
): Promise<void> {
  const resource = await operator.discovery.find(ref.apiVersion, ref.kind);
  if (!resource) throw new Error(`${ref.kind} is not served`);
  const { apiVersion, kind, name, namespace } = ref;
  const scope = namespace === undefined ? '' : `/namespaces/${namespace}`;
  await transport.json({
    method: 'PATCH',
    path: [`${rootOf(apiVersion)}${scope}`, resource.plural, name, ...(subresource ? [subresource] : [])].join('/'),
    query: { fieldManager: manager, ...(isApply ? { force: true } : {}) },
    contentType: isApply ? 'application/apply-patch+yaml' : 'application/merge-patch+json',
    body: isApply ? { apiVersion, kind, ...body } : body,
  });
}

/** Takes an object's finalizers away, as the controllers they belong to would. */
export async function release(cluster: TestCluster, ref: ObjectRef): Promise<void> {
  if (await cluster.operator.get(ref)) {
    await writeAs(cluster, ref, { metadata: { finalizers: null } }, { manager: 'controller' });
  }
}

/** What a controller says of an object of its kind. */
export const tellConditions = (
  cluster: TestCluster,
  ref: ObjectRef,
  conditions: readonly { type: string; status: string; reason?: string; message?: string }[],
): Promise<void> => writeAs(cluster, ref, { status: { conditions } }, { manager: 'controller', subresource: 'status' });

export const inNamespace = (object: KubernetesObject, namespace: string): KubernetesObject => ({
  ...object,
  metadata: { ...object.metadata, namespace },
});
