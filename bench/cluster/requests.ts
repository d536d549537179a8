import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pMap from 'p-map';
import { clusterGroupOf } from '../../lambdas/domain/cluster-group.ts';
import { localContext } from '../../lib/local/host.ts';
import { finished } from '../deploy.ts';
import type { Section } from '../table.ts';
import { openStage, type Stage } from './stage.ts';

/** What Berth's own user asks, one line a request; watches when they begin, everything else when it is answered. */
const policy = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [{ level: 'Metadata', userGroups: [clusterGroupOf(localContext.installation)] }, { level: 'None' }],
};

interface Line {
  auditID: string;
  verb: string;
}

/** Requests by verb from the `skip`th line of the log on. */
async function readRequests(log: string, skip: number): Promise<{ lines: number; verbs: Map<string, number> }> {
  const lines = (await readFile(log, 'utf8')).split('\n').filter(Boolean);
  const verbOf = new Map(
    lines.slice(skip).map((line) => {
      const { auditID, verb } = JSON.parse(line) as Line;
      return [auditID, verb] as const;
    }),
  );
  const verbs = Map.groupBy(verbOf.values(), (verb) => verb);
  return { lines: lines.length, verbs: new Map([...verbs].map(([verb, all]) => [verb, all.length])) };
}

const told = (verbs: ReadonlyMap<string, number>): string[] => {
  const sorted = [...verbs].toSorted(([, left], [, right]) => right - left);
  const total = sorted.reduce((sum, [, count]) => sum + count, 0);
  return [String(total), sorted.map(([verb, count]) => `${count} ${verb}`).join(', ')];
};

const many = 200;
const minute = 60_000;

/** How long nothing may begin to be watched before it counts as all that are watched at once. */
const settled = 15_000;

/**
 * Deploys that never get ready, watched at the same time.
 * @returns how many are watched
 */
async function watchMany({ client }: Stage): Promise<number> {
  const names = Array.from({ length: many }, (_, index) => `watched-${index}`);
  await pMap(names, (name) => client.put(name, { blueprint: 'hello', values: { imageTag: 'never-ready' } }), {
    concurrency: 10,
  });
  const isWatched = async (name: string): Promise<boolean> =>
    (await client.operation(`${name}-g1-deploy`, 0)).steps.some((step) => step.name === 'AwaitHealthy');
  const watched = new Set<string>();
  for (let since = Date.now(); Date.now() - since < settled; ) {
    const before = watched.size;
    for (const name of names) if (!watched.has(name) && (await isWatched(name))) watched.add(name);
    if (watched.size > before) since = Date.now();
    await sleep(500);
  }
  return watched.size;
}

/** Requests that reach the API server: per deploy, and per minute while two hundred deploys are watched. */
export async function requests(): Promise<Section> {
  await using scope = new AsyncDisposableStack();
  const folder = scope.adopt(await mkdtemp(join(tmpdir(), 'berth-audit-')), (path) => rm(path, { recursive: true }));
  const log = join(folder, 'audit.log');
  const policyFile = join(folder, 'policy.json');
  await writeFile(policyFile, JSON.stringify(policy));
  const stage = await openStage(scope, {
    apiServerArguments: [`--audit-policy-file=${policyFile}`, `--audit-log-path=${log}`],
    // Else half of them would wait for the others.
    context: { reservedConcurrency: String(many) },
  });
  const deploy = async (blueprint: string, name: string, imageTag: string): Promise<void> => {
    const { id } = await stage.client.put(name, { blueprint, values: { imageTag } });
    await finished(stage.client, id, 'Succeeded');
  };
  await deploy('hello', 'warm-up', '1.0');
  const rows: string[][] = [];
  let { lines } = await readRequests(log, 0);
  for (const blueprint of ['hello', 'shop', 'many']) {
    for (const [act, tag] of [
      ['first deploy', '1.0'],
      ['change of the image', '2.0'],
    ] as const) {
      await deploy(blueprint, blueprint, tag);
      const read = await readRequests(log, lines);
      rows.push([`${blueprint}: ${act}`, ...told(read.verbs)]);
      ({ lines } = read);
    }
  }
  const watched = await watchMany(stage);
  ({ lines } = await readRequests(log, 0));
  await sleep(minute);
  const { verbs } = await readRequests(log, lines);
  rows.push([`a minute of ${many} deploys that don't get ready, ${watched} of them watched`, ...told(verbs)]);
  return {
    title: 'Requests to the API server',
    method: 'Counted by the audit log of a real control plane, for Berth’s user alone.',
    columns: ['what', 'requests', 'of them'],
    rows,
  };
}
