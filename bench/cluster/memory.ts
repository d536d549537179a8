import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildFunctions } from '../../lib/build/bundle.ts';
import { localEnvironment } from '../../lib/local/environment.ts';
import { defaultCache, localContext } from '../../lib/local/host.ts';
import { synthesize } from '../../lib/local/synthesize.ts';
import { readParts } from '../../lib/local/template/read-parts.ts';
import { megabytes } from '../sample.ts';
import type { Section } from '../table.ts';
import { openStage, type Stage } from './stage.ts';

/** Variables of the cluster function, with the services of the host. */
async function environment({ host, binaries, blueprints }: Stage): Promise<Record<string, string>> {
  const context = { ...localContext, blueprintsDir: blueprints };
  const { directory, stackName } = await synthesize(defaultCache, context);
  const { functions } = await readParts(directory, stackName);
  const found = functions.find((one) => one.name.endsWith('-cluster'));
  if (!found) throw new Error('the template has no cluster function');
  const status = (await (await fetch(`${host.url}/_local/status`)).json()) as {
    endpoints: { dynamodb: string; states: string };
  };
  const surroundings = {
    tableUrl: status.endpoints.dynamodb,
    servicesUrl: status.endpoints.states,
    port: host.port,
    baseDomain: localContext.baseDomain,
    binaries,
  };
  return {
    ...found.environment,
    ...localEnvironment(found.environment, surroundings),
    WATCH_BUDGET: '10s',
    POWERTOOLS_LOG_LEVEL: 'ERROR',
  };
}

/** Peak resident bytes of a process that has loaded the function and runs the steps in turn, as Lambda would. */
async function peak(stage: Stage, name: string, steps: readonly string[]): Promise<number> {
  const { cluster } = await buildFunctions({ blueprintsDir: stage.blueprints });
  const child = fork(join(import.meta.dirname, 'run-function.ts'), {
    env: { ...(await environment(stage)), LAMBDA_TASK_ROOT: cluster.directory },
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  const events = steps.map((step) => ({ step, name, generation: 1, operationId: `${name}-g1-deploy` }));
  child.send({ file: join(cluster.directory, 'index.js'), events });
  const [answer] = (await Promise.race([once(child, 'message'), once(child, 'exit')])) as [{ peak?: number }];
  if (answer?.peak === undefined) throw new Error('the cluster function ended before it told its memory');
  return answer.peak;
}

/** Memory of the cluster function in a process of its own, while it applies a workload again and watches it. */
export async function memory(): Promise<Section> {
  await using scope = new AsyncDisposableStack();
  const stage = await openStage(scope);
  const rows: string[][] = [];
  for (const blueprint of ['hello', 'shop', 'many']) {
    const name = `memory-${blueprint}`;
    await stage.client.put(name, { blueprint, values: { imageTag: 'never-ready' } });
    const isWatched = async (): Promise<boolean> =>
      (await stage.client.operation(`${name}-g1-deploy`, 0)).steps.some((step) => step.name === 'AwaitHealthy');
    while (!(await isWatched())) await sleep(200);
    rows.push([blueprint, megabytes(await peak(stage, name, ['Apply', 'AwaitHealthy']))]);
  }
  return {
    title: 'Memory of the cluster function',
    method:
      'Peak resident memory of a process with the bundle alone, which applies the workload and watches it for 10 s (aim: below 200 MB). helm and kubectl run beside it, and are not in it.',
    columns: ['workload', 'peak'],
    rows,
  };
}
