import type { Timings } from '../../lib/local/cluster/controllers/timings.ts';
import type { Api } from './api.ts';
import { type Cloud, startCloud } from './cloud.ts';
import { furnish } from './furnish.ts';
import type { Identity } from './identity.ts';
import { startPodNetwork } from './kubelet/pod-network.ts';
import { serveLogs } from './kubelet/serve-logs.ts';
import { type Kubelets, startKubelets } from './kubelet/start-kubelets.ts';
import { type NodeSize, usualNode } from './nodes.ts';

/** What a cluster has besides its control plane. */
export interface StandIns {
  /** the socket by which the API server finds its way to pods and nodes */
  networkSocket: string;
  /** Furnishes the cluster and begins to run it. @param deadline milliseconds since 1970 @throws NotReady */
  start(deadline: number): Promise<void>;
  stop(): Promise<void>;
}

/** The nodes, what runs the pods on them, the network between them, and the cloud around them. */
export async function createStandIns(
  api: Api,
  { key, certificate }: Pick<Identity, 'key' | 'certificate'>,
  { node = usualNode, timings }: { node?: NodeSize; timings?: Partial<Timings> },
): Promise<StandIns> {
  let kubelets: Kubelets | undefined;
  let cloud: Cloud | undefined;
  const logs = await serveLogs({ key, certificate, logsOf: (...asked) => kubelets?.logsOf(...asked) });
  const network = await startPodNetwork(() => kubelets?.storage);
  return {
    networkSocket: network.socket,
    async start(deadline) {
      kubelets = await startKubelets({ api, timings });
      cloud = startCloud(api);
      await furnish(api, node, logs.port, deadline);
    },
    async stop() {
      cloud?.stop();
      kubelets?.stop();
      await Promise.all([logs.close(), network.close()]);
    },
  };
}
