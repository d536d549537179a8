import { join } from 'node:path';
import type { Clock } from './clock.ts';
import { pageHandler } from './cluster/pages/page-handler.ts';
import { createSimulatedCluster } from './cluster/server.ts';
import type { Storage } from './cluster/storage.ts';
import type { Listener } from './gateway/server.ts';
import type { HostedCluster } from './hosted-cluster.ts';

export interface SimulatedOptions {
  dataDir: string;
  clock: Clock;
  random: () => number;
}

/** The simulated cluster with its state in the data folder, and a kubeconfig beside it. */
export async function openSimulatedCluster({ dataDir, clock, random }: SimulatedOptions): Promise<HostedCluster> {
  const cluster = await createSimulatedCluster({ clock, random, dataDir: join(dataDir, 'cluster') });
  const api = await cluster.listen();
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
