import { readFile } from 'node:fs/promises';
import pMap from 'p-map';
import { type BerthClient } from '../lib/demo/berth-client.ts';
import { finished, openHost } from './deploy.ts';
import { megabytes, quantile, seconds, timed } from './sample.ts';
import type { Section } from './table.ts';

async function one(client: BerthClient, name: string): Promise<number> {
  return timed(async () => {
    const { id } = await client.put(name, { blueprint: 'hello' });
    await finished(client, id, 'Succeeded');
  });
}

/** Resident memory of this process, the host's threads and its cluster included. */
async function residentBytes(): Promise<number> {
  const status = await readFile('/proc/self/status', 'utf8').catch(() => '');
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  return kilobytes === undefined ? process.memoryUsage.rss() : Number(kilobytes) * 1024;
}

async function at(count: number): Promise<string[]> {
  await using scope = new AsyncDisposableStack();
  const { client } = await openHost(scope);
  await one(client, 'warm-up');
  const samples: number[] = [];
  const errors: unknown[] = [];
  const total = await timed(() =>
    pMap(
      Array.from({ length: count }, (_, index) => `load-${index}`),
      async (name) => {
        try {
          samples.push(await one(client, name));
        } catch (error) {
          errors.push(error);
        }
      },
      { concurrency: count },
    ),
  );
  if (errors[0] !== undefined) console.error(errors[0]);
  return [
    String(count),
    seconds(total),
    (count / (total / 1000)).toFixed(1),
    seconds(quantile(samples, 0.5)),
    seconds(quantile(samples, 0.95)),
    megabytes(await residentBytes()),
    String(errors.length),
  ];
}

/** Many stagings at the same time, from PUT to Running. */
export async function load(): Promise<Section> {
  const rows: string[][] = [];
  for (const count of [1, 50, 500]) rows.push(await at(count));
  return {
    title: 'Many at once',
    method:
      'Stagings of hello, all requested at the same moment; host, simulated cluster, functions and callers share one process and two cores.',
    columns: ['stagings', 'all Running after', 'per second', 'median', '95 %', 'memory', 'errors'],
    rows,
  };
}
