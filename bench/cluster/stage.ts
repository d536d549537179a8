import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BerthClient, createBerthClient } from '../../lib/demo/berth-client.ts';
import { type Binaries, findBinaries } from '../../lib/local/binaries.ts';
import { type Host, type HostOptions, startHost } from '../../lib/local/host.ts';
import type { ControlPlaneOptions } from '../../test/control-plane/start-control-plane.ts';
import { type EksCluster, startEksCluster } from '../../test/control-plane/start-eks-cluster.ts';

/** A real control plane, a local host that deploys onto it as the cluster function does on EKS, and the tools to compare with. */
export interface Stage {
  cluster: EksCluster;
  host: Host;
  client: BerthClient;
  binaries: Binaries;
  /** folder of the blueprints: those that are shipped, and those of the benchmark */
  blueprints: string;
  /** for files of the run */
  folder: string;
}

const root = join(import.meta.dirname, '..', '..');

export async function openStage(
  scope: AsyncDisposableStack,
  {
    context = {},
    ...options
  }: Pick<ControlPlaneOptions, 'timings' | 'apiServerArguments'> & Pick<HostOptions, 'context'> = {},
): Promise<Stage> {
  const folder = scope.adopt(await mkdtemp(join(tmpdir(), 'berth-bench-')), (path) =>
    rm(path, { recursive: true, force: true }),
  );
  // The same path in each run: functions are bundled once for each folder of blueprints.
  const blueprints = join(root, '.berth', 'bench-blueprints');
  await mkdir(blueprints, { recursive: true });
  for (const source of ['blueprints', 'bench/blueprints']) {
    await cp(join(root, source), blueprints, { recursive: true, preserveTimestamps: true });
  }
  const cluster = scope.adopt(await startEksCluster({ folder: join(folder, 'plane'), ...options }), (plane) =>
    plane.close(),
  );
  const host = scope.adopt(
    await startHost({
      dataDir: join(folder, 'data'),
      port: 0,
      kubeconfig: cluster.hosted,
      blueprintsDir: blueprints,
      context,
    }),
    (open) => open.close(),
  );
  return { cluster, host, client: createBerthClient(host.url), binaries: await findBinaries(), blueprints, folder };
}
