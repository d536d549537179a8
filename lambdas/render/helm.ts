import { resolve } from 'node:path';
import type { BlueprintSource } from '../domain/blueprint.ts';
import type { KubernetesObject } from '../domain/kubernetes-object.ts';
import { releaseNameOf } from '../domain/names.ts';
import { RenderFailed } from '../domain/render-failed.ts';
import { sameJson } from '../domain/same-json.ts';
import type { ValueTree } from '../domain/values.ts';
import { parseObjects } from './parse-objects.ts';
import type { RenderRequest } from './render.ts';
import { runTool } from './run-tool.ts';

export type HelmSource = Extract<BlueprintSource, { helm: unknown }>['helm'];

/** A chart repository's index has tens of megabytes, and some serve it slowly; the step has ten minutes. */
const download = 60_000;

/**
 * What the chart's templates come to. Values travel over stdin, so that none is ever on disk or in a process list.
 * @throws RenderFailed with Helm's own words
 */
export async function renderChart(
  helmPath: string,
  source: HelmSource,
  request: RenderRequest,
  values: ValueTree,
): Promise<KubernetesObject[]> {
  const text = await runTool({
    path: helmPath,
    args: helmArguments(source, request),
    stdin: JSON.stringify(values),
    ...('repository' in source ? { timeLimit: download } : {}),
  });
  return definedOnce(parseObjects([{ name: 'the chart', text }]));
}

/** Helm prints the `crds` folder of a chart once for each alias that an umbrella has for it, and installs it once. */
const definedOnce = (objects: readonly KubernetesObject[]): KubernetesObject[] =>
  objects.filter((object, index) => {
    const isSame = (other: KubernetesObject): boolean =>
      other.kind === object.kind && other.metadata.name === object.metadata.name && sameJson(other, object);
    return object.kind !== 'CustomResourceDefinition' || objects.findIndex(isSame) === index;
  });

/**
 * Arguments of `helm template`: client-side only, and with the hooks, which are told apart by their annotation.
 * @throws RenderFailed where a version is asked of a chart that has but one
 */
export function helmArguments(source: HelmSource, request: RenderRequest): string[] {
  const { kubeVersion, apiVersions = [] } = request;
  return [
    'template',
    `--namespace=${request.namespace}`,
    '--values=-',
    '--include-crds',
    ...(request.isUpgrade ? ['--is-upgrade'] : []),
    ...(kubeVersion === undefined ? [] : [`--kube-version=${kubeVersion}`]),
    ...apiVersions.map((version) => `--api-versions=${version}`),
    ...chartArguments(source, request),
  ];
}

function chartArguments(source: HelmSource, { name, directory, overrides, blueprint }: RenderRequest): string[] {
  const release = releaseNameOf(name);
  if (!('repository' in source)) {
    if (overrides.chartVersion !== undefined) {
      throw new RenderFailed(`overrides.chartVersion: the chart of "${blueprint.name}" is its own and has one version`);
    }
    return ['--', release, resolve(directory, source.chart)];
  }
  const version = `--version=${overrides.chartVersion ?? source.version}`;
  if (source.repository.startsWith('oci://')) {
    return [version, '--', release, `${source.repository.replace(/\/+$/, '')}/${source.chart}`];
  }
  return [version, `--repo=${source.repository}`, '--', release, source.chart];
}
