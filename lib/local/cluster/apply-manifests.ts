import { parseAllDocuments } from 'yaml';
import { KubernetesObject } from '../../../lambdas/domain/kubernetes-object.ts';
import type { SimulatedCluster } from './server.ts';

/**
 * Applies YAML documents of cluster-scoped objects as `kubectl apply --server-side` does, one after the other. What the
 * cluster holds just like that already is not written again. @throws Error with what the cluster says where it refuses one
 */
export async function applyManifests(
  { handle, storage }: Pick<SimulatedCluster, 'handle' | 'storage'>,
  token: string,
  manifests: string,
): Promise<void> {
  for (const document of parseAllDocuments(manifests)) {
    const object = KubernetesObject.parse(document.toJS());
    const { apiVersion, kind, metadata } = object;
    const plural = storage.resourceOf(apiVersion, kind)?.plural;
    if (plural === undefined) throw new Error(`the simulated cluster does not serve ${apiVersion} ${kind}`);
    const { status, body } = await handle({
      method: 'PATCH',
      url: `/${apiVersion.includes('/') ? 'apis' : 'api'}/${apiVersion}/${plural}/${metadata.name}?fieldManager=kubectl&force=true`,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/apply-patch+yaml' },
      body: JSON.stringify(object),
    });
    if (status >= 300) throw new Error(`the simulated cluster refused ${kind}/${metadata.name}: ${String(body)}`);
  }
}
