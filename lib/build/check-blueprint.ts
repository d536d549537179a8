import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';
import type { Blueprint, BlueprintInput, Target } from '../../lambdas/domain/blueprint.ts';
import type { BlueprintProblem } from './read-blueprint.ts';

/** What the schema can't say: agreements between the fields of one blueprint, and with the folder it lies in. */
export function checkBlueprint(blueprint: Blueprint, folderName: string): BlueprintProblem[] {
  const problems: BlueprintProblem[] = [];
  if (blueprint.name !== folderName)
    problems.push({ path: ['name'], detail: `must be "${folderName}", as the folder` });
  if (!('helm' in blueprint.source)) problems.push(...checkNoChart(blueprint));
  for (const [name, input] of Object.entries(blueprint.inputs)) {
    problems.push(...checkInput(input).map(({ path, detail }) => ({ path: ['inputs', name, ...path], detail })));
  }
  for (const [index, target] of blueprint.host.entries()) {
    if ('imageTag' in target) problems.push({ path: ['host', index], detail: 'a host name is no image tag' });
  }
  if (blueprint.lifetime.ttl > blueprint.lifetime.maxTtl) {
    problems.push({ path: ['lifetime', 'ttl'], detail: 'must not be longer than maxTtl' });
  }
  return problems;
}

function checkNoChart(blueprint: Blueprint): BlueprintProblem[] {
  const problems: BlueprintProblem[] = [];
  const check = (target: Target, path: PropertyKey[]): void => {
    if ('values' in target) problems.push({ path, detail: 'only a Helm chart has values; use object and path' });
  };
  for (const [name, input] of Object.entries(blueprint.inputs)) {
    for (const [index, target] of input.to.entries()) check(target, ['inputs', name, 'to', index]);
  }
  for (const [index, target] of blueprint.host.entries()) check(target, ['host', index]);
  if (blueprint.values === 'any') problems.push({ path: ['values'], detail: '"any" needs a Helm chart' });
  if (Object.keys(blueprint.defaults).length > 0) {
    problems.push({ path: ['defaults'], detail: 'are chart values, and there is no Helm chart' });
  }
  return problems;
}

const isOfType: Record<BlueprintInput['type'], (value: unknown) => boolean> = {
  string: (value) => typeof value === 'string',
  integer: (value) => Number.isInteger(value),
  number: (value) => typeof value === 'number',
  boolean: (value) => typeof value === 'boolean',
  array: (value) => Array.isArray(value),
  object: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
};

function checkInput(input: BlueprintInput): BlueprintProblem[] {
  const problems: BlueprintProblem[] = [];
  if (input.pattern !== undefined && !isPattern(input.pattern)) {
    problems.push({ path: ['pattern'], detail: 'is no regular expression' });
    return problems;
  }
  for (const [index, choice] of (input.enum ?? []).entries()) {
    if (!isOfType[input.type](choice))
      problems.push({ path: ['enum', index], detail: `must be of type ${input.type}` });
  }
  if (input.default === undefined) return problems;
  if (input.required) problems.push({ path: ['default'], detail: 'a required input needs none' });
  const wrong = whyNot(input, input.default);
  if (wrong !== undefined) problems.push({ path: ['default'], detail: wrong });
  return problems;
}

/** Why a default would be refused if a request sent it. */
function whyNot(input: BlueprintInput, value: unknown): string | undefined {
  if (!isOfType[input.type](value)) return `must be of type ${input.type}`;
  if (input.enum && !input.enum.some((choice) => JSON.stringify(choice) === JSON.stringify(value))) {
    return `must be one of ${input.enum.map((choice) => JSON.stringify(choice)).join(', ')}`;
  }
  if (typeof value === 'number') {
    if (input.minimum !== undefined && value < input.minimum) return `must be at least ${input.minimum}`;
    if (input.maximum !== undefined && value > input.maximum) return `must be at most ${input.maximum}`;
  }
  if (typeof value === 'string') {
    if (input.maxLength !== undefined && value.length > input.maxLength) return `is longer than ${input.maxLength}`;
    if (input.pattern !== undefined && !new RegExp(input.pattern, 'u').test(value))
      return `must match ${input.pattern}`;
  }
  return undefined;
}

function isPattern(pattern: string): boolean {
  try {
    return new RegExp(pattern, 'u') instanceof RegExp;
  } catch {
    return false;
  }
}

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
  if ('kustomize' in source) problems.push(...(await checkKustomize(join(folder, source.kustomize))));
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

async function checkKustomize(folder: string): Promise<BlueprintProblem[]> {
  const path = ['source', 'kustomize'];
  const names = await namesIn(folder);
  if (!names) return [{ path, detail: 'there is no such folder' }];
  const isEntry = (name: string): boolean => /^(kustomization\.ya?ml|Kustomization)$/.test(name);
  return names.some(isEntry) ? [] : [{ path, detail: 'has no kustomization.yaml' }];
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
  const chart = ChartFile.safeParse(parse(await readFile(file, 'utf8')));
  if (!chart.success) return [{ path, detail: `Chart.yaml: ${z.prettifyError(chart.error)}` }];
  const vendored = (await namesIn(join(folder, 'charts'))) ?? [];
  return (chart.data.dependencies ?? [])
    .filter(({ name }) => !vendored.some((each) => each === name || each.startsWith(`${name}-`)))
    .map(({ name }) => ({
      path,
      detail: `dependency "${name}" is not in its charts folder; run "helm dependency update"`,
    }));
}
