import type { ClusterAccess } from './eks/describe-cluster.ts';
import { type KubectlProxyOptions, startKubectlProxy } from './eks/kubectl-proxy.ts';
import { servicePage } from './eks/service-page.ts';
import type { Listener } from './gateway/server.ts';

/** The cluster that stagings run on. */
export interface HostedCluster {
  access: ClusterAccess;
  /** answers for stagings' hosts */
  page: Listener;
  /** arguments that point kubectl at it */
  kubectlArguments: readonly string[];
  /** Sets what goes wrong with the API's answers; absent for a real cluster. */
  setFaults?: (body: string) => void;
  close(): Promise<void>;
}

/** A real cluster, through `kubectl proxy`. */
export async function openRealCluster(options: KubectlProxyOptions): Promise<HostedCluster> {
  const proxy = await startKubectlProxy(options);
  const context = options.context === undefined ? [] : ['--context', options.context];
  return {
    access: { endpoint: proxy.url, version: '1.35' },
    page: servicePage(proxy.url),
    kubectlArguments: ['--kubeconfig', options.kubeconfig, ...context],
    close: () => proxy.close(),
  };
}
