import * as z from 'zod';
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

export interface RealClusterOptions extends KubectlProxyOptions {
  /** Where functions reach it with EKS tokens of their own, as on AWS; they go through the proxy, as its user, where absent. */
  eks?: Omit<ClusterAccess, 'version'>;
}

/** A real cluster, through `kubectl proxy`. @throws Error where it doesn't answer, or doesn't let this user in */
export async function openRealCluster({ eks, ...options }: RealClusterOptions): Promise<HostedCluster> {
  const proxy = await startKubectlProxy(options);
  const version = await askVersion(proxy.url).catch(async (error: unknown) => {
    await proxy.close();
    throw new Error(`the cluster of ${options.kubeconfig} does not answer: ${String(error)}`, { cause: error });
  });
  const context = options.context === undefined ? [] : ['--context', options.context];
  return {
    access: { ...(eks ?? { endpoint: proxy.url }), version },
    page: servicePage(proxy.url),
    kubectlArguments: ['--kubeconfig', options.kubeconfig, ...context],
    close: () => proxy.close(),
  };
}

const Version = z.object({ major: z.string(), minor: z.string() });

/** `kubectl proxy` comes up whether there is a cluster behind it or not. */
async function askVersion(url: string): Promise<string> {
  const response = await fetch(`${url}/version`, { signal: AbortSignal.timeout(10_000) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status} ${text.trim()}`);
  const { major, minor } = Version.parse(JSON.parse(text));
  return `${major}.${minor}`;
}
