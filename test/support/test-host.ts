import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RealCluster, startHost } from '../../lib/local/host.ts';
import { type BerthApi, berthApi } from './berth-api.ts';
import { forgetTables, givenDynamoDb } from './dynamodb-endpoint.ts';

export interface TestHost {
  berth: BerthApi;
  port: number;
  dataDir: string;
  /** kubectl's path and the arguments that point it at the cluster */
  kubectl: readonly string[];
  close(): Promise<void>;
}

/** `E2E_CLUSTER`, a RealCluster as JSON, puts the stagings onto a real API server instead of a simulated one. */
function realCluster(movesTime: boolean): { kubeconfig?: RealCluster } {
  const { E2E_CLUSTER: given } = process.env;
  if (!given) return {};
  const { eks, ...kubeconfig }: RealCluster = JSON.parse(given);
  return { kubeconfig: { ...kubeconfig, ...(movesTime || !eks ? {} : { eks }) } };
}

/**
 * The local host in this process, on a free port and a data folder of its own. One that moves its clock reaches a real
 * cluster through `kubectl proxy`: an EKS token of tomorrow is good for nothing today.
 */
export async function startTestHost({ movesTime = false } = {}): Promise<TestHost> {
  const dataDir = await mkdtemp(join(tmpdir(), 'berth-e2e-'));
  const given = givenDynamoDb();
  const dynamodb = given === undefined ? {} : { dynamodb: new URL(given) };
  const host = await startHost({ dataDir, port: 0, ...realCluster(movesTime), ...dynamodb });
  return {
    berth: berthApi(host.port),
    port: host.port,
    dataDir,
    kubectl: host.kubectl,
    async close() {
      await host.close();
      await forgetTables(dataDir);
      await rm(dataDir, { recursive: true });
    },
  };
}
