import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findBinaries } from '../../../lib/local/binaries.ts';
import { AdjustableClock } from '../../../lib/local/clock.ts';
import { openSimulatedCluster } from '../../../lib/local/simulated-cluster.ts';
import { kubectlPrints } from '../../support/berth-api.ts';
import { seededRandom } from '../../support/simulated-cluster.ts';

const clock = new AdjustableClock();
let dataDir: string;
let kubectlPath: string;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'berth-cluster-'));
  ({ kubectlPath } = await findBinaries());
});
afterAll(async () => {
  clock.stop();
  await rm(dataDir, { recursive: true });
});

const kinds = 'clusterroles,clusterrolebindings,validatingadmissionpolicies,validatingadmissionpolicybindings';

/** Names and resource versions of what a start of the cluster holds for an installation. */
async function preparedFor(installation: string): Promise<string[]> {
  const cluster = await openSimulatedCluster({ dataDir, clock, random: seededRandom(), installation });
  try {
    const selector = `berth.dev/installation=${installation}`;
    const line = '{range .items[*]}{.kind}/{.metadata.name} {.metadata.resourceVersion}{"\\n"}{end}';
    const kubectl = [kubectlPath, ...cluster.kubectlArguments];
    const printed = await kubectlPrints(kubectl, 'get', kinds, '--selector', selector, '--output', `jsonpath=${line}`);
    return printed.trim().split('\n');
  } finally {
    await cluster.close();
  }
}

describe('the cluster of the local host', () => {
  it('is prepared for Berth as a real one is, and another start changes nothing of it', async () => {
    const first = await preparedFor('berth');
    expect(first.map((line) => line.split(' ')[0])).toEqual([
      'ClusterRole/berth',
      'ClusterRole/berth:staging',
      'ClusterRoleBinding/berth',
      'ValidatingAdmissionPolicy/berth-contents',
      'ValidatingAdmissionPolicy/berth-grants',
      'ValidatingAdmissionPolicy/berth-namespaces',
      'ValidatingAdmissionPolicy/berth-objects',
      'ValidatingAdmissionPolicyBinding/berth-contents',
      'ValidatingAdmissionPolicyBinding/berth-grants',
      'ValidatingAdmissionPolicyBinding/berth-namespaces',
      'ValidatingAdmissionPolicyBinding/berth-objects',
    ]);
    expect(await preparedFor('berth')).toEqual(first);
  });
});
