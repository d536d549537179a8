import { readFileSync } from 'node:fs';
import { createClient, type KubernetesClient } from '../../lambdas/cluster/client.ts';
import { createConnection } from '../../lambdas/cluster/connection.ts';
import { AdjustableClock } from '../../lib/local/clock.ts';
import { createSimulatedCluster, type SimulatedCluster } from '../../lib/local/cluster/server.ts';
import { seededRandom } from './simulated-cluster.ts';

/** How a test reaches an API server. */
export interface ClusterAccess {
  endpoint: string;
  /** PEM */
  ca?: string | undefined;
  token: string;
}

/** A cluster for a suite: the simulated one, or the one that the environment names. */
export interface TestCluster {
  access: ClusterAccess;
  client: KubernetesClient;
  /** milliseconds since 1970, as the cluster's controllers have it */
  now: () => number;
  /** only where it is the simulated one: faults, time, storage */
  simulated: { cluster: SimulatedCluster; clock: AdjustableClock } | undefined;
  close(): Promise<void>;
}

/**
 * `CONTRACT_CLUSTER_ENDPOINT`, `CONTRACT_CLUSTER_TOKEN` and `CONTRACT_CLUSTER_CA_FILE` point the contract suites at a real
 * API server; without them a simulated one is started for the suite.
 */
export async function startTestCluster(): Promise<TestCluster> {
  const {
    CONTRACT_CLUSTER_ENDPOINT: endpoint,
    CONTRACT_CLUSTER_TOKEN: token,
    CONTRACT_CLUSTER_CA_FILE: caFile,
  } = process.env;
  if (endpoint) {
    const ca = caFile ? readFileSync(caFile, 'utf8') : undefined;
    return connected({ endpoint, token: token ?? '', ca }, undefined, async () => {});
  }
  const clock = new AdjustableClock();
  const cluster = await createSimulatedCluster({ clock, random: seededRandom() });
  const { url, caCertificate, token: operatorToken } = await cluster.listen();
  const access = { endpoint: url, ca: caCertificate, token: operatorToken };
  return connected(access, { cluster, clock }, async () => {
    await cluster.stop();
    clock.stop();
  });
}

function connected(access: ClusterAccess, simulated: TestCluster['simulated'], stop: () => Promise<void>): TestCluster {
  const connection = createConnection(
    async () => ({ endpoint: access.endpoint, ca: access.ca }),
    async () => access.token,
  );
  return {
    access,
    client: createClient(connection),
    now: () => simulated?.clock.now() ?? Date.now(),
    simulated,
    async close() {
      await connection.close();
      await stop();
    },
  };
}
