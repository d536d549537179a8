import { readdir, stat } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import * as z from 'zod';
import type { Blueprint } from '../../lambdas/domain/blueprint.ts';
import { checkKustomization, isKustomization } from './check-kustomization.ts';
import type { BlueprintProblem } from './read-blueprint.ts';
import { readYaml, schemaProblem } from './read-yaml.ts';

/** What a source refers to must be there, and nothing in the folder may lead out of it. */
export async function checkFolder(blueprint: Blueprint, folder: string): Promise<BlueprintProblem[]> {
  const links = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((each) =>
    each.isSymbolicLink(),
  );
  const problems: BlueprintProblem[] = links.map((link) => ({
    path: [],
    detail: `${relative(folder, join(link.parentPath, link.name))} is a symbolic link; only files are shipped`,
  }));
  const { source } = blueprint;
  if ('manifests' in source) problems.push(...(await checkManifests(join(folder, source.manifests))));
  if ('kustomize' in source)
    problems.push(...(await checkKustomize(resolve(folder), join(resolve(folder), source.kustomize))));
  if ('helm' in source && !('repository' in source.helm)) {
    problems.push(...(await checkChart(join(folder, source.helm.chart))));
  }
  return problems;
}

const namesIn = (folder: string): Promise<readonly string[] | undefined> =>
  readdir(folder, { recursive: true }).catch(() => undefined);

async function checkManifests(folder: string): Promise<BlueprintProblem[]> {
  const path = ['source', 'manifests'];
  const names = await namesIn(folder);
  if (!names) return [{ path, detail: 'there is no such folder' }];
  return names.some((name) => /\.(ya?ml|json)$/.test(name))
    ? []
    : [{ path, detail: 'has no .yaml, .yml or .json file' }];
}

async function checkKustomize(blueprintFolder: string, folder: string): Promise<BlueprintProblem[]> {
  const path = ['source', 'kustomize'];
  const names = await readdir(folder).catch(() => undefined);
  if (!names) return [{ path, detail: 'there is no such folder' }];
  if (!names.some(isKustomization)) return [{ path, detail: 'has no kustomization.yaml' }];
  return (await checkKustomization(blueprintFolder, folder)).map((detail) => ({ path, detail }));
}

const ChartFile = z.looseObject({ dependencies: z.array(z.looseObject({ name: z.string() })).nullish() });

/** Nothing is downloaded when a local chart is rendered: its dependencies lie in its own `charts` folder. */
async function checkChart(folder: string): Promise<BlueprintProblem[]> {
  const path = ['source', 'helm', 'chart'];
  const file = join(folder, 'Chart.yaml');
  const isThere = await stat(file).then(
    () => true,
    () => false,
  );
  if (!isThere) return [{ path, detail: 'has no Chart.yaml' }];
  const read = await readYaml(file, 'Chart.yaml');
  if ('problem' in read) return [{ path, detail: read.problem }];
  const chart = ChartFile.safeParse(read.value);
  if (!chart.success) return [{ path, detail: `Chart.yaml: ${schemaProblem(chart.error)}` }];
  const vendored = (await namesIn(join(folder, 'charts'))) ?? [];
  return (chart.data.dependencies ?? [])
    .filter(({ name }) => !vendored.some((each) => each === name || each.startsWith(`${name}-`)))
    .map(({ name }) => ({
      path,
      detail: `dependency "${name}" is not in its charts folder; run "helm dependency update"`,
    }));
}
