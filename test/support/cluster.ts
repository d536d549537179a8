import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import { createClient, type KubernetesClient } from '../../lambdas/cluster/client.ts';
import { createConnection } from '../../lambdas/cluster/connection.ts';
import { KubernetesObject } from '../../lambdas/domain/kubernetes-object.ts';
import { clusterManifests, groupOf } from '../../lib/cloud/cluster-manifests/cluster-manifests.ts';
import { AdjustableClock } from '../../lib/local/clock.ts';
import { createSimulatedCluster, type SimulatedCluster } from '../../lib/local/cluster/server.ts';
import { installation } from './deploys.ts';
import { noPauses } from './no-pauses.ts';
import { seededRandom } from './simulated-cluster.ts';

/** How a test reaches an API server. */
export interface ClusterAccess {
  endpoint: string;
  /** PEM */
  ca?: string | undefined;
  /** of an administrator */
  token: string;
  /** of a member of Berth's group */
  berthToken: string;
}

/** A cluster for a suite: the simulated one, or the one that the environment names. */
export interface TestCluster {
  access: ClusterAccess;
  /** with Berth's own rights, under its admission policies */
  client: KubernetesClient;
  /** who may do everything: somebody else, to Berth */
  operator: KubernetesClient;
  /** milliseconds since 1970, as the cluster's controllers have it */
  now: () => number;
  /** only where it is the simulated one: faults, time, storage */
  simulated: { cluster: SimulatedCluster; clock: AdjustableClock } | undefined;
  close(): Promise<void>;
}

/** The group that Berth's admission policies are about, in the installation of the tests. */
const group = groupOf(installation);

/**
 * `CONTRACT_CLUSTER_ENDPOINT`, `CONTRACT_CLUSTER_CA_FILE`, `CONTRACT_CLUSTER_TOKEN` and `CONTRACT_CLUSTER_BERTH_TOKEN` point
 * the contract suites at a real API server; without them a simulated one is started for the suite. Berth's manifests are
 * applied to either.
 */
export async function startTestCluster(): Promise<TestCluster> {
  const { env } = process;
  return prepared(env['CONTRACT_CLUSTER_ENDPOINT'] ? realCluster(env) : await simulatedCluster());
}

/** For what only a simulated cluster can do: faults, and time. */
export const startSimulatedTestCluster = async (): Promise<TestCluster> => prepared(await simulatedCluster());

async function prepared(cluster: TestCluster): Promise<TestCluster> {
  for (const document of parseAllDocuments(clusterManifests(installation))) {
    await cluster.operator.apply(KubernetesObject.parse(document.toJS()));
  }
  return cluster;
}

function realCluster(env: NodeJS.ProcessEnv): TestCluster {
  const caFile = env['CONTRACT_CLUSTER_CA_FILE'];
  const access = {
    endpoint: env['CONTRACT_CLUSTER_ENDPOINT'] ?? '',
    token: env['CONTRACT_CLUSTER_TOKEN'] ?? '',
    berthToken: env['CONTRACT_CLUSTER_BERTH_TOKEN'] ?? '',
    ca: caFile ? readFileSync(caFile, 'utf8') : undefined,
  };
  return connected(access, undefined, async () => {});
}

async function simulatedCluster(): Promise<TestCluster> {
  const clock = new AdjustableClock();
  const awsUser = { name: 'berth', groups: [group, 'system:authenticated'] };
  const cluster = await createSimulatedCluster({ clock, random: seededRandom(), awsUser });
  const { url, caCertificate, token } = await cluster.listen();
  const access = { endpoint: url, ca: caCertificate, token, berthToken: 'k8s-aws-v1.test' };
  return connected(access, { cluster, clock }, async () => {
    await cluster.stop();
    clock.stop();
  });
}

function connected(access: ClusterAccess, simulated: TestCluster['simulated'], stop: () => Promise<void>): TestCluster {
  const { endpoint, ca, token, berthToken } = access;
  const connect = (bearer: string) =>
    createConnection(
      async () => ({ endpoint, ca }),
      async () => bearer,
    );
  const connections = { berth: connect(berthToken), operator: connect(token) };
  return {
    access,
    client: createClient(connections.berth, simulated && noPauses),
    operator: createClient(connections.operator, simulated && noPauses),
    now: () => simulated?.clock.now() ?? Date.now(),
    simulated,
    async close() {
      await Promise.all([connections.berth.close(), connections.operator.close()]);
      await stop();
    },
  };
}
