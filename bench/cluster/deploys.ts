import { finished } from '../deploy.ts';
import { median, ratio, seconds, timed } from '../sample.ts';
import type { Section } from '../table.ts';
import { openStage, type Stage } from './stage.ts';
import { byHelm, byKubectl, type Release } from './tools.ts';

const rounds = 5;

/** When pods are ready, and the timings of the kubelets that make it so, in milliseconds. */
const readiness = [
  { title: 'at once', timings: { pull: 0, start: 0, readiness: 0, run: 0 } },
  { title: 'after 2 s', timings: { pull: 0, start: 0, readiness: 2000, run: 0 } },
] as const;

async function byBerth({ client }: Stage, { chart, name, tag }: Release): Promise<void> {
  const { id } = await client.put(name, { blueprint: chart, values: { imageTag: tag } });
  await finished(client, id, 'Succeeded');
}

const ways = {
  'helm template + kubectl apply + rollout status': byKubectl,
  'helm upgrade --install --wait': byHelm,
  'PUT to Running': byBerth,
} as const;
type Way = keyof typeof ways;
const wayNames = Object.keys(ways) as Way[];

type Samples = Record<Way, { first: number[]; change: number[] }>;

async function measure(stage: Stage, chart: string): Promise<Samples> {
  const samples = Object.fromEntries(wayNames.map((way) => [way, { first: [], change: [] }])) as unknown as Samples;
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, way] of wayNames.entries()) {
      const release = { chart, name: `${chart}-${index}-${round}` };
      const { first, change } = samples[way];
      first.push(await timed(() => ways[way](stage, { ...release, tag: '1.0', isUpgrade: false })));
      change.push(await timed(() => ways[way](stage, { ...release, tag: '2.0', isUpgrade: true })));
    }
  }
  return samples;
}

/** PUT to Running and a change of the image, beside Helm and kubectl with the same chart on the same control plane. */
export async function deploys(): Promise<Section> {
  const rows: string[][] = [];
  for (const { title, timings } of readiness) {
    await using scope = new AsyncDisposableStack();
    const stage = await openStage(scope, { timings });
    await byBerth(stage, { chart: 'shop', name: 'warm-up', tag: '1.0', isUpgrade: false });
    for (const chart of ['shop', 'many']) {
      console.error(`  ${chart}, ready ${title}`);
      const samples = await measure(stage, chart);
      for (const act of ['first', 'change'] as const) {
        const reference = median(samples['helm template + kubectl apply + rollout status'][act]);
        for (const way of wayNames) {
          const value = median(samples[way][act]);
          rows.push([chart, title, act, way, seconds(value), ratio(value, reference)]);
        }
      }
    }
  }
  return {
    title: 'A deploy, beside Helm and kubectl',
    method: `On a real control plane, the same charts, interleaved, median of ${rounds}. \`shop\` has a migration, which all three run; \`many\` has 200 objects, ten of them deployments. Aims, where pods are ready after 2 s: at most 1.1 of kubectl, 1.0 of Helm; at once: at most 0.4 s more than kubectl. Berth also makes namespace, quota, limits and network policy, and probes the page of \`shop\`.`,
    columns: ['chart', 'pods ready', 'deploy', 'way', 'median', 'ratio to kubectl'],
    rows,
  };
}
