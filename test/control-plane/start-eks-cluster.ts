import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { KubernetesObject } from '../../lambdas/domain/kubernetes-object.ts';
import { clusterManifests } from '../../lib/cloud/cluster-manifests/cluster-manifests.ts';
import type { RealCluster } from '../../lib/local/host.ts';
import { defaultCache, localContext } from '../../lib/local/host.ts';
import { synthesize } from '../../lib/local/synthesize.ts';
import { readTemplateFile } from '../../lib/local/template/template-file.ts';
import { accessEntriesOf, principalOf } from '../eks-authenticator/access-entries.ts';
import { startAuthenticator } from '../eks-authenticator/start-authenticator.ts';
import { openApi } from './api.ts';
import { type ControlPlane, type ControlPlaneOptions, startControlPlane } from './start-control-plane.ts';

/** A control plane that knows the cluster function of the local host as EKS would, prepared for its installation. */
export interface EksCluster extends ControlPlane {
  /** how the local host reaches it */
  hosted: RealCluster;
}

/** What the functions of a local host sign with. */
const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };

/** Starts a control plane that takes EKS tokens by the access entries of the local template, and applies Berth's manifests. */
export async function startEksCluster(options: ControlPlaneOptions): Promise<EksCluster> {
  const { directory, stackName } = await synthesize(defaultCache, localContext);
  const template = await readTemplateFile(directory, stackName);
  const jury = {
    cluster: localContext.clusters,
    partition: 'aws' as const,
    principals: [principalOf(template, 'cluster', credentials)],
    now: Date.now,
  };
  const authenticator = await startAuthenticator(jury, accessEntriesOf(template));
  try {
    await mkdir(options.folder, { recursive: true, mode: 0o700 });
    const configFile = join(options.folder, 'authenticator.kubeconfig');
    await authenticator.writeWebhookConfig(configFile);
    const plane = await startControlPlane({ ...options, webhookTokenAuthentication: { configFile } });
    await prepare(plane);
    return {
      ...plane,
      hosted: { file: plane.kubeconfig, eks: { endpoint: plane.endpoint, certificateAuthority: plane.ca } },
      async close() {
        await plane.close();
        await authenticator.close();
      },
    };
  } catch (error) {
    await authenticator.close();
    throw error;
  }
}

async function prepare({ endpoint, ca, token }: ControlPlane): Promise<void> {
  const api = openApi(endpoint, ca, token);
  try {
    for (const document of parseAllDocuments(clusterManifests(localContext.installation))) {
      await api.client.apply(KubernetesObject.parse(document.toJS()));
    }
  } finally {
    await api.close();
  }
}
