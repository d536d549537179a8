import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clusterGroupOf } from '../../lambdas/domain/cluster-group.ts';
import { installation } from '../support/deploys.ts';
import { startEksCluster } from './start-eks-cluster.ts';

/**
 * One control plane for a whole run, in the variables by which `test/support/cluster.ts` and `test/support/test-host.ts` find
 * it: the contract suite's Berth has a token of its own, the one of a local host an EKS token.
 * @returns what stops it and forgets it
 */
export async function setup(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'berth-control-plane-'));
  const berthToken = randomUUID();
  const berth = { token: berthToken, name: 'berth', groups: [clusterGroupOf(installation)] };
  const plane = await startEksCluster({ folder, users: [berth] });
  process.env['CONTRACT_CLUSTER_ENDPOINT'] = plane.endpoint;
  process.env['CONTRACT_CLUSTER_CA_FILE'] = plane.caFile;
  process.env['CONTRACT_CLUSTER_TOKEN'] = plane.token;
  process.env['CONTRACT_CLUSTER_BERTH_TOKEN'] = berthToken;
  process.env['E2E_CLUSTER'] = JSON.stringify(plane.hosted);
  return async () => {
    await plane.close();
    await rm(folder, { recursive: true, force: true });
  };
}
