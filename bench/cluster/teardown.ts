import { finished } from '../deploy.ts';
import { median, ratio, seconds, timed } from '../sample.ts';
import type { Section } from '../table.ts';
import { openStage, type Stage } from './stage.ts';
import { byHelm, kubectl, run } from './tools.ts';

const rounds = 5;

async function ours({ client, host }: Stage, chart: string, name: string): Promise<number> {
  const { id } = await client.put(name, { blueprint: chart });
  await finished(client, id, 'Succeeded');
  return timed(async () => {
    const response = await fetch(`${host.url}/v1/stagings/${name}`, { method: 'DELETE' });
    const { operation } = (await response.json()) as { operation: { id: string } };
    await finished(client, operation.id, 'Succeeded');
  });
}

/** `helm uninstall`, then the namespace, until it is gone. */
async function theirs(stage: Stage, chart: string, name: string): Promise<number> {
  await byHelm(stage, { chart, name, tag: '1.0', isUpgrade: false });
  return timed(async () => {
    const target = ['--kubeconfig', stage.cluster.kubeconfig, '--namespace', name];
    await run(stage.binaries.helmPath, ['uninstall', name, ...target, '--wait']);
    await kubectl(stage, 'delete', 'namespace', name, '--wait');
  });
}

/** From DELETE until nothing is left, beside Helm and kubectl. */
export async function teardown(): Promise<Section> {
  await using scope = new AsyncDisposableStack();
  const stage = await openStage(scope);
  const rows: string[][] = [];
  for (const chart of ['shop', 'many']) {
    const helm: number[] = [];
    const berth: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      helm.push(await theirs(stage, chart, `helm-${chart}-${round}`));
      berth.push(await ours(stage, chart, `gone-${chart}-${round}`));
    }
    rows.push([chart, 'helm uninstall + kubectl delete namespace', seconds(median(helm)), '1.00']);
    rows.push([chart, 'DELETE to Deleted', seconds(median(berth)), ratio(median(berth), median(helm))]);
  }
  return {
    title: 'A teardown, until nothing is left',
    method: `On a real control plane, interleaved, median of ${rounds}.`,
    columns: ['chart', 'way', 'median', 'ratio'],
    rows,
  };
}
