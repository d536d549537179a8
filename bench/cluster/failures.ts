import { finished } from '../deploy.ts';
import { median, seconds, timed } from '../sample.ts';
import type { Section } from '../table.ts';
import { openStage, type Stage } from './stage.ts';
import { byHelm } from './tools.ts';

const rounds = 5;

const cases = [
  { what: 'a missing image', blueprint: 'shop', values: { imageTag: 'missing' }, code: 'ImageNotFound' },
  { what: 'a crash loop', blueprint: 'many', values: { imageTag: 'crash' }, code: 'CrashLoop' },
  { what: 'a failed hook', blueprint: 'many', values: { hookTag: 'exit-1' }, code: 'HookFailed' },
  { what: 'a full quota', blueprint: 'many', values: { replicas: 4 }, code: 'QuotaExceeded' },
] as const;

type Case = (typeof cases)[number];

const measure = ({ client }: Stage, { blueprint, values, code }: Case, name: string): Promise<number> =>
  timed(async () => {
    const { id } = await client.put(name, { blueprint, values });
    await finished(client, id, 'Failed');
    const { reason } = await client.operation(id, 0);
    if (reason?.code !== code) throw new Error(`${name} failed with ${reason?.code}, not ${code}: ${reason?.message}`);
  });

/** What Helm says of a missing image, and how late. */
async function helmWaits(stage: Stage): Promise<{ duration: number; said: string }> {
  let said = '';
  const duration = await timed(() =>
    byHelm(stage, { chart: 'shop', name: 'helm-missing', tag: 'missing', isUpgrade: false }).catch((error: unknown) => {
      said = String(error).trim().split('\n').at(-1) ?? '';
    }),
  );
  return { duration, said };
}

/** How soon a deploy that can't go well has its cause. */
export async function failures(): Promise<Section> {
  await using scope = new AsyncDisposableStack();
  const stage = await openStage(scope);
  const rows: string[][] = [];
  for (const [index, each] of cases.entries()) {
    const samples: number[] = [];
    for (let round = 0; round < rounds; round += 1) samples.push(await measure(stage, each, `bad-${index}-${round}`));
    rows.push([each.what, each.code, seconds(median(samples)), seconds(Math.max(...samples))]);
  }
  const { duration, said } = await helmWaits(stage);
  rows.push([
    'a missing image, by `helm upgrade --install --wait --timeout 60s`',
    `\`${said}\``,
    seconds(duration),
    '',
  ]);
  return {
    title: 'Until a failure has its name',
    method: `On a real control plane, from PUT to the recorded cause, median of ${rounds} (aim: below 5 s). Back-offs of pods begin with 0.4 s here instead of a kubelet's 10 s.`,
    columns: ['what', 'recorded as', 'median', 'longest'],
    rows,
  };
}
