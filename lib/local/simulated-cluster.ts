import { join } from 'node:path';
import { clusterGroupOf } from '../../lambdas/domain/cluster-group.ts';
import { clusterManifests } from '../cloud/cluster-manifests/cluster-manifests.ts';
import type { Clock } from './clock.ts';
import { applyManifests } from './cluster/apply-manifests.ts';
import { pageHandler } from './cluster/pages/page-handler.ts';
import { createSimulatedCluster } from './cluster/server.ts';
import type { Storage } from './cluster/storage.ts';
import type { Listener } from './gateway/server.ts';
import type { HostedCluster } from './hosted-cluster.ts';

export interface SimulatedOptions {
  dataDir: string;
  clock: Clock;
  random: () => number;
  /** whose cluster it is: its functions are in this installation's group there, under its admission policies */
  installation: string;
}

/** The simulated cluster with its state in the data folder, prepared for Berth as a real one is, and a kubeconfig beside it. */
export async function openSimulatedCluster(options: SimulatedOptions): Promise<HostedCluster> {
  const { dataDir, clock, random, installation } = options;
  const awsUser = { name: 'berth', groups: [clusterGroupOf(installation), 'system:authenticated'] };
  const cluster = await createSimulatedCluster({ clock, random, dataDir: join(dataDir, 'cluster'), awsUser });
  const api = await cluster.listen();
  await applyManifests(cluster, api.token, clusterManifests(installation));
  const kubeconfig = join(dataDir, 'kubeconfig');
  await api.writeKubeconfig(kubeconfig);
  return {
    access: { endpoint: api.url, certificateAuthority: api.caCertificate, version: '1.35' },
    page: pageListener(cluster.storage),
    kubectlArguments: ['--kubeconfig', kubeconfig],
    setFaults: (body) => cluster.setFaults(JSON.parse(body)),
    close: () => cluster.stop(),
  };
}

/** Stagings' pages, each by its host name. */
function pageListener(storage: Storage): Listener {
  const answer = pageHandler(storage);
  return (request, response) => {
    const { host = '', accept } = request.headers;
    const { status, headers, body } = answer({ host, path: request.url ?? '/', accept });
    response.writeHead(status, headers).end(request.method === 'HEAD' ? undefined : body);
  };
}
