import { DescribeClusterCommand, type EKSClient } from '@aws-sdk/client-eks';
import { createClient, type KubernetesClient } from './client.ts';
import { type ClusterAddress, createConnection } from './connection.ts';
import { ClusterUnknown, ClusterUnreachable } from './errors.ts';

/**
 * Clients by the cluster's name, each over one kept connection. Where a cluster is, EKS is asked once, and again after a
 * connection failed. They throw ClusterUnknown for one that isn't among the configured: there are no rights to ask for it.
 */
export function eksClusters(
  eks: EKSClient,
  token: (cluster: string) => Promise<string>,
  configured: readonly string[],
): (cluster: string) => KubernetesClient {
  const clients = new Map<string, KubernetesClient>();
  return (cluster) => {
    if (!configured.includes(cluster)) {
      const known = configured.join(', ');
      throw new ClusterUnknown(`cluster "${cluster}" is not configured (any more); the configuration has: ${known}`);
    }
    const client =
      clients.get(cluster) ??
      createClient(
        createConnection(
          () => locate(eks, cluster),
          () => token(cluster),
        ),
      );
    clients.set(cluster, client);
    return client;
  };
}

/** @throws ClusterUnreachable where there is no such cluster, or it isn't up yet */
async function locate(eks: EKSClient, name: string): Promise<ClusterAddress> {
  const answer = await eks.send(new DescribeClusterCommand({ name })).catch((error: unknown) => {
    const told = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    throw new ClusterUnreachable(`EKS doesn't tell where cluster "${name}" is: ${told}`, { cause: error });
  });
  const { endpoint, certificateAuthority, status } = answer.cluster ?? {};
  if (endpoint === undefined)
    throw new ClusterUnreachable(`cluster "${name}" has no endpoint, it is ${status ?? 'unknown'}`);
  const { data } = certificateAuthority ?? {};
  return { endpoint, ...(data ? { ca: Buffer.from(data, 'base64').toString('utf8') } : {}) };
}
