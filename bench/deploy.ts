import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { paginateGetExecutionHistory, SFNClient } from '@aws-sdk/client-sfn';
import type { KubernetesObject } from '../lambdas/domain/kubernetes-object.ts';
import { fieldManager } from '../lambdas/domain/markers.ts';
import { loadBlueprints } from '../lambdas/render/blueprints.ts';
import { renderWorkload } from '../lambdas/render/render-workload.ts';
import { compileBlueprints } from '../lib/build/blueprints.ts';
import { type BerthClient, createBerthClient } from '../lib/demo/berth-client.ts';
import { findBinaries } from '../lib/local/binaries.ts';
import { type Host, startHost } from '../lib/local/host.ts';
import { median, ratio, seconds, timed } from './sample.ts';
import type { Section } from './table.ts';

const rounds = 7;

/** A host with a data folder of its own, and a client of its API. */
export async function openHost(scope: AsyncDisposableStack): Promise<{ host: Host; client: BerthClient }> {
  const dataDir = scope.adopt(await mkdtemp(join(tmpdir(), 'berth-bench-')), (path) => rm(path, { recursive: true }));
  const host = scope.adopt(await startHost({ dataDir, port: 0 }), (open) => open.close());
  return { host, client: createBerthClient(host.url) };
}

/** Short of the API's 25 s: with 500 callers at once on two cores, an invocation may have to wait for its turn. */
const waitSeconds = 10;

/** Waits for an operation to end and expects how it ends. */
export async function finished(client: BerthClient, id: string, outcome: string): Promise<void> {
  for (;;) {
    const operation = await client.operation(id, waitSeconds);
    if (operation.outcome === undefined) continue;
    if (operation.outcome !== outcome)
      throw new Error(`${id} ended as ${operation.outcome}: ${operation.reason?.message}`);
    return;
  }
}

async function command(file: string, parameters: readonly string[]): Promise<void> {
  const child = spawn(file, [...parameters], { stdio: ['ignore', 'ignore', 'pipe'] });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`${file} ${parameters.join(' ')}: ${complaint}`);
}

interface Manifests {
  /** what stays */
  file: string;
  rollouts: string[];
  /** what Berth runs after it: the jobs of a first deploy */
  hooks?: { file: string; jobs: string[] };
}

/** Objects as one YAML file. */
async function write(file: string, objects: readonly object[]): Promise<string> {
  await writeFile(file, objects.map((object) => JSON.stringify(object)).join('\n---\n'));
  return file;
}

/** The blueprint's objects as Berth renders them, for kubectl: namespace set, hooks in a file of their own. */
async function manifestsOf(folder: string, blueprint: string, name: string, tag: string): Promise<Manifests> {
  const compiled = join(folder, 'blueprints');
  await compileBlueprints(join(import.meta.dirname, '..', 'blueprints'), compiled);
  const found = loadBlueprints(compiled).get(blueprint);
  if (!found) throw new Error(`no blueprint ${blueprint}`);
  const render = renderWorkload(await findBinaries());
  const { objects, hooks } = await render({
    ...found,
    name,
    namespace: name,
    host: `${name}.staging.localhost`,
    values: { imageTag: tag },
    overrides: {},
    isUpgrade: false,
  });
  const inside = (object: KubernetesObject) => ({ ...object, metadata: { ...object.metadata, namespace: name } });
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
  const file = await write(join(folder, `${name}.yaml`), [namespace, ...objects.map(inside)]);
  const rollouts = objects
    .filter(({ kind }) => kind === 'Deployment' || kind === 'StatefulSet')
    .map(({ kind, metadata }) => `${kind.toLowerCase()}/${metadata.name}`);
  const later = hooks.filter(({ phases }) => phases.includes('post-install')).map(({ object }) => object);
  if (later.length === 0) return { file, rollouts };
  const jobs = later.map(({ metadata }) => `job/${metadata.name}`);
  return { file, rollouts, hooks: { file: await write(join(folder, `${name}-hooks.yaml`), later.map(inside)), jobs } };
}

async function byKubectl(host: Host, folder: string, blueprint: string, name: string): Promise<number> {
  const { file, rollouts, hooks } = await manifestsOf(folder, blueprint, name, '1.0');
  const [kubectl, ...target] = host.kubectl;
  if (kubectl === undefined) throw new Error('the host knows no kubectl');
  const run = (...parameters: string[]) => command(kubectl, [...target, ...parameters]);
  const apply = (path: string) => run('apply', '--server-side', '--field-manager', fieldManager, '--filename', path);
  return timed(async () => {
    await apply(file);
    for (const rollout of rollouts) {
      await run('rollout', 'status', rollout, '--namespace', name, '--timeout', '60s');
    }
    if (!hooks) return;
    await apply(hooks.file);
    await run('wait', '--for', 'condition=Complete', ...hooks.jobs, '--namespace', name, '--timeout', '60s');
  });
}

const byBerth = (client: BerthClient, blueprint: string, name: string): Promise<number> =>
  timed(async () => {
    const { id } = await client.put(name, { blueprint, values: { imageTag: '1.0' } });
    await finished(client, id, 'Succeeded');
  });

/** PUT to Running beside `kubectl apply` and `kubectl rollout status` of the same objects on the same cluster. */
export async function deploys(): Promise<Section> {
  await using scope = new AsyncDisposableStack();
  const { host, client } = await openHost(scope);
  const folder = scope.adopt(await mkdtemp(join(tmpdir(), 'berth-bench-')), (path) => rm(path, { recursive: true }));
  await byBerth(client, 'hello', 'warm-up');
  const rows: string[][] = [];
  for (const blueprint of ['hello', 'shop']) {
    const ours: number[] = [];
    const theirs: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      theirs.push(await byKubectl(host, folder, blueprint, `kubectl-${blueprint}-${round}`));
      ours.push(await byBerth(client, blueprint, `berth-${blueprint}-${round}`));
    }
    rows.push([`${blueprint}: kubectl apply + rollout status`, seconds(median(theirs)), '1.00']);
    rows.push([`${blueprint}: PUT to Running`, seconds(median(ours)), ratio(median(ours), median(theirs))]);
  }
  return {
    title: 'A deploy, beside kubectl',
    method: `Same objects, same simulated cluster, interleaved, median of ${rounds} (aim: below 1.15). Both run shop’s migration after it; Berth renders the blueprint within its time, kubectl gets the objects rendered.`,
    columns: ['deploy', 'median', 'ratio'],
    rows,
  };
}

/** How soon a failure has its name, and what a deploy costs in state transitions. */
export async function failures(): Promise<Section> {
  await using scope = new AsyncDisposableStack();
  const { host, client } = await openHost(scope);
  await byBerth(client, 'hello', 'warm-up');
  const rows: string[][] = [];
  for (const [tag, code] of [
    ['missing', 'ImageNotFound'],
    ['denied', 'ImagePullDenied'],
    ['crash', 'CrashLoop'],
  ] as const) {
    const samples: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const name = `${tag}-${round}`;
      samples.push(
        await timed(async () => {
          const { id } = await client.put(name, { blueprint: 'hello', values: { imageTag: tag } });
          await finished(client, id, 'Failed');
          const { reason } = await client.operation(id, 0);
          if (reason?.code !== code) throw new Error(`${name} failed with ${reason?.code}, not ${code}`);
        }),
      );
    }
    rows.push([`image tag ${tag}: PUT to recorded ${code}`, seconds(median(samples))]);
  }
  rows.push(['state transitions of a deploy (aim: at most 8)', String(await transitions(host, 'warm-up-g1-deploy'))]);
  return {
    title: 'Failures and transitions',
    method: `On the simulated cluster, median of ${rounds} (aim for a missing image: below 3 s). Transitions are the states that the execution's history says were entered.`,
    columns: ['what', 'figure'],
    rows,
  };
}

async function transitions(host: Host, execution: string): Promise<number> {
  const status = (await (await fetch(`${host.url}/_local/status`)).json()) as { endpoints: { states: string } };
  const client = new SFNClient({
    region: 'us-east-1',
    endpoint: status.endpoints.states,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const executionArn = `arn:aws:states:us-east-1:000000000000:execution:berth-deploy:${execution}`;
  let entered = 0;
  for await (const page of paginateGetExecutionHistory({ client }, { executionArn })) {
    entered += (page.events ?? []).filter(({ type }) => type?.endsWith('StateEntered')).length;
  }
  return entered;
}
