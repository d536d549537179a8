import type { Timings } from '../../lib/local/cluster/controllers/timings.ts';
import type { Api } from './api.ts';
import { type Cloud, startCloud } from './cloud.ts';
import { furnish } from './furnish.ts';
import type { Identity } from './identity.ts';
import { type LogServer, serveLogs } from './kubelet/serve-logs.ts';
import { type Kubelets, startKubelets } from './kubelet/start-kubelets.ts';
import { type NodeSize, usualNode } from './nodes.ts';

/** What a cluster has besides its control plane. */
export interface StandIns {
  /** @param deadline milliseconds since 1970 @throws NotReady */
  start(deadline: number): Promise<void>;
  stop(): Promise<void>;
}

/** The nodes, what runs the pods on them, and the cloud around them. */
export function createStandIns(
  api: Api,
  { key, certificate }: Pick<Identity, 'key' | 'certificate'>,
  { node = usualNode, timings }: { node?: NodeSize; timings?: Partial<Timings> },
): StandIns {
  let kubelets: Kubelets | undefined;
  let logs: LogServer | undefined;
  let cloud: Cloud | undefined;
  return {
    async start(deadline: number): Promise<void> {
      logs = await serveLogs({ key, certificate, logsOf: (...asked) => kubelets?.logsOf(...asked) });
      kubelets = await startKubelets({ api, timings });
      cloud = startCloud(api);
      await furnish(api, node, logs.port, deadline);
    },
    async stop(): Promise<void> {
      cloud?.stop();
      kubelets?.stop();
      await logs?.close();
    },
  };
}
