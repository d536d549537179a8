import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildFunctions } from '../lib/build/bundle.ts';
import { kilobytes, median, milliseconds } from './sample.ts';
import { openServices } from './services.ts';
import type { Section } from './table.ts';

const runs = 11;
const run = promisify(execFile);

/** Time to load a function in a fresh process, as its runtime does before the first invocation. */
async function initTime(file: string, environment: Record<string, string>): Promise<number> {
  const script = `const begun = performance.now(); require(${JSON.stringify(file)}); process.stdout.write(String(performance.now() - begun)); process.exit(0);`;
  const { stdout } = await run(process.execPath, ['--eval', script], { env: { ...process.env, ...environment } });
  return Number(stdout);
}

/** Sizes of the bundles, and what loading one costs beside an empty function. */
export async function bundles(): Promise<Section> {
  await using services = await openServices();
  const folder = await mkdtemp(join(tmpdir(), 'berth-bench-'));
  const empty = join(folder, 'index.js');
  await writeFile(empty, 'exports.handler = async () => {};\n');
  const functions = await buildFunctions();
  const candidates = [
    { name: 'empty', file: empty, bytes: 34, directory: folder },
    ...Object.entries(functions).map(([name, one]) => ({
      name,
      file: join(one.directory, 'index.js'),
      bytes: one.bytes,
      directory: one.directory,
    })),
  ];
  const samples = new Map<string, number[]>(candidates.map(({ name }) => [name, []]));
  const environment = {
    ...services.environment,
    EVENT_BUS_NAME: 'berth',
    SWEEP_BRAKE: '20',
    INSTALLATION: 'berth',
    INGRESS_NAMESPACE: 'ingress-nginx',
    HELM_PATH: 'helm',
    KUBECTL_PATH: 'kubectl',
    WATCH_BUDGET: '13m',
  };
  for (let turn = 0; turn < runs; turn += 1) {
    for (const { name, file, directory } of candidates) {
      samples.get(name)?.push(await initTime(file, { ...environment, LAMBDA_TASK_ROOT: directory }));
    }
  }
  await rm(folder, { recursive: true });
  const reference = median(samples.get('empty') ?? []);
  return {
    title: 'Bundles',
    method: `index.js, minified, with the AWS SDK inside; loaded in a fresh process, median of ${runs}, interleaved.`,
    columns: ['function', 'size', 'load', 'above empty'],
    rows: candidates.map(({ name, bytes }) => {
      const load = median(samples.get(name) ?? []);
      const size = name === 'api' ? `${kilobytes(bytes)} (aim: below 500)` : kilobytes(bytes);
      return [name, size, milliseconds(load), milliseconds(load - reference)];
    }),
  };
}
