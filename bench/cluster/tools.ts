import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Stage } from './stage.ts';

/** One release of a chart, in a namespace of its own name. */
export interface Release {
  /** of the blueprint whose chart it is */
  chart: string;
  name: string;
  /** tag of its images */
  tag: string;
  /** whether it is there already, with another tag */
  isUpgrade: boolean;
}

/** The charts that have a hook, and when it runs. */
const migrations: Readonly<Record<string, string>> = { shop: 'templates/migrate.yaml' };

/** How each chart takes its tag. */
const tagValues: Readonly<Record<string, string>> = { shop: 'image.tag', many: 'imageTag' };

/** Runs a command to its end. @throws Error with what it complained of */
export async function run(file: string, parameters: readonly string[]): Promise<string> {
  const child = spawn(file, [...parameters], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise((resolve) => child.once('close', resolve));
  const [printed, complaint] = await Promise.all([text(child.stdout), text(child.stderr)]);
  if ((await ended) !== 0) throw new Error(`${file} ${parameters.join(' ')}: ${complaint}`);
  return printed;
}

export const kubectl = ({ host }: Stage, ...parameters: string[]): Promise<string> => {
  const [file = '', ...target] = host.kubectl;
  return run(file, [...target, ...parameters]);
};

const valuesOf = ({ chart, name, tag }: Release): string[] => [
  '--set-string',
  `${tagValues[chart]}=${tag}`,
  ...(chart === 'shop' ? ['--set-string', `host=${name}.staging.localhost`] : []),
];

const chartOf = ({ blueprints }: Stage, { chart }: Release): string => join(blueprints, chart, 'chart');

/** `helm template`, `kubectl apply --server-side`, `kubectl rollout status`; a migration runs where Berth runs it. */
export async function byKubectl(stage: Stage, release: Release): Promise<void> {
  const { chart, name, isUpgrade } = release;
  const migration = migrations[chart];
  if (!isUpgrade) await kubectl(stage, 'create', 'namespace', name);
  const render = ['template', name, chartOf(stage, release), '--namespace', name, ...valuesOf(release)];
  const apply = async (kind: string, ...parameters: string[]): Promise<void> => {
    const file = join(stage.folder, `${name}-${kind}.yaml`);
    await writeFile(file, await run(stage.binaries.helmPath, [...render, ...parameters]));
    await kubectl(stage, 'apply', '--server-side', '--namespace', name, '--filename', file);
  };
  const migrate = async (): Promise<void> => {
    if (migration === undefined) return;
    if (isUpgrade) await kubectl(stage, 'delete', 'job', 'migrate', '--namespace', name);
    await apply('hook', '--show-only', migration);
    await kubectl(stage, 'wait', '--for', 'condition=Complete', 'job/migrate', '--namespace', name, '--timeout', '60s');
  };
  if (isUpgrade) await migrate();
  await apply('objects', '--no-hooks');
  await kubectl(stage, 'rollout', 'status', 'deployment,statefulset', '--namespace', name, '--timeout', '60s');
  if (!isUpgrade) await migrate();
}

/** `helm upgrade --install --wait` */
export async function byHelm(stage: Stage, release: Release, timeout = '60s'): Promise<void> {
  const { name } = release;
  const target = ['--kubeconfig', stage.cluster.kubeconfig, '--namespace', name, '--create-namespace'];
  const wait = ['--install', '--wait', '--timeout', timeout];
  await run(stage.binaries.helmPath, [
    'upgrade',
    name,
    chartOf(stage, release),
    ...target,
    ...wait,
    ...valuesOf(release),
  ]);
}
