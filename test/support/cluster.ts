import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import { createClient, type KubernetesClient } from '../../lambdas/cluster/client.ts';
import { createConnection } from '../../lambdas/cluster/connection.ts';
import { KubernetesError } from '../../lambdas/cluster/errors.ts';
import { createTransport, type Transport } from '../../lambdas/cluster/transport.ts';
import { clusterGroupOf } from '../../lambdas/domain/cluster-group.ts';
import { KubernetesObject } from '../../lambdas/domain/kubernetes-object.ts';
import { clusterManifests } from '../../lib/cloud/cluster-manifests/cluster-manifests.ts';
import { AdjustableClock } from '../../lib/local/clock.ts';
import { createSimulatedCluster, type SimulatedCluster } from '../../lib/local/cluster/server.ts';
import { until } from './berth-api.ts';
import { givenNames, installation } from './deploys.ts';
import { littlePatience, noPauses } from './no-pauses.ts';
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
  /** the operator's requests of any other kind */
  transport: Transport;
  /** milliseconds since 1970, as the cluster's controllers have it */
  now: () => number;
  /** only where it is the simulated one: faults, time, storage */
  simulated: { cluster: SimulatedCluster; clock: AdjustableClock } | undefined;
  close(): Promise<void>;
}

/** The group that Berth's admission policies are about, in the installation of the tests. */
const group = clusterGroupOf(installation);

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
  for (const object of ownKinds) await cluster.operator.apply(object);
  await until(() => areInForce(cluster));
  return cluster;
}

const verbs = ['get', 'list', 'watch', 'create', 'patch', 'delete'];

/** What whoever owns a cluster gives Berth beside its own role, for the kinds that the blueprints of these tests apply. */
const ownKinds: KubernetesObject[] = [
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: `${group}-kinds` },
    rules: [
      { apiGroups: ['apiextensions.k8s.io'], resources: ['customresourcedefinitions'], verbs },
      { apiGroups: ['rbac.authorization.k8s.io'], resources: ['clusterroles'], verbs },
      { apiGroups: ['*'], resources: ['widgets'], verbs },
    ],
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: `${group}-kinds` },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: `${group}-kinds` },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: group }],
  },
];

/** Roles are felt after a moment, policies after some seconds: whether Berth may write, and not where it must not. */
async function areInForce({ client, operator }: TestCluster): Promise<boolean> {
  const trespass = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default', name: `trespass-of-${group}` };
  const { apiVersion, kind, ...metadata } = trespass;
  try {
    await client.apply({ apiVersion, kind, metadata });
  } catch (error) {
    if (!(error instanceof KubernetesError)) throw error;
    return /is not a staging of installation/.test(error.message);
  }
  await operator.remove(trespass);
  return false;
}

function realCluster(env: NodeJS.ProcessEnv): TestCluster {
  const caFile = env['CONTRACT_CLUSTER_CA_FILE'];
  const access = {
    endpoint: env['CONTRACT_CLUSTER_ENDPOINT'] ?? '',
    token: env['CONTRACT_CLUSTER_TOKEN'] ?? '',
    berthToken: env['CONTRACT_CLUSTER_BERTH_TOKEN'] ?? '',
    ca: caFile ? readFileSync(caFile, 'utf8') : undefined,
  };
  const cluster = connected(access, undefined, async () => {});
  return {
    ...cluster,
    async close() {
      // Nobody waits for them: they take five seconds and more.
      const stagings = givenNames().map((name) => ({ apiVersion: 'v1', kind: 'Namespace', name: `stg-${name}` }));
      await Promise.all(stagings.map((namespace) => cluster.operator.remove(namespace)));
      await cluster.close();
    },
  };
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
      simulated && littlePatience,
    );
  const connections = { berth: connect(berthToken), operator: connect(token) };
  return {
    access,
    client: createClient(connections.berth, simulated && noPauses),
    operator: createClient(connections.operator, simulated && noPauses),
    transport: createTransport(connections.operator, simulated && noPauses),
    now: () => simulated?.clock.now() ?? Date.now(),
    simulated,
    async close() {
      await Promise.all([connections.berth.close(), connections.operator.close()]);
      await stop();
    },
  };
}
