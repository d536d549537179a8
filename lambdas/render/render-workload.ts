import { chartValues } from '../domain/chart-values.ts';
import { applyEdits, editsOf } from '../domain/edits.ts';
import { describeObject, type KubernetesObject, type Workload } from '../domain/kubernetes-object.ts';
import { RenderFailed } from '../domain/render-failed.ts';
import { renderChart } from './helm.ts';
import { renderKustomization } from './kustomize.ts';
import { readManifests } from './manifests.ts';
import type { Render, RenderRequest, RenderTools } from './render.ts';
import { splitHooks } from './split-hooks.ts';

/**
 * Turns a blueprint and a staging's values into objects: the source rendered, then edited where inputs say so, hooks
 * apart. The same request comes to the same objects, unless a chart uses randomness or time.
 */
export const renderWorkload =
  (tools: RenderTools): Render =>
  async (request) => {
    const { blueprint, values, host } = request;
    // First, since it refuses values without an input whatever the source is.
    const forChart = chartValues(blueprint, values, host);
    const edits = editsOf(blueprint, values, host);
    const workload = splitHooks(applyEdits(await readSource(tools, request, forChart), edits));
    refuseDuplicates(workload);
    return workload;
  };

function readSource(
  tools: RenderTools,
  request: RenderRequest,
  values: ReturnType<typeof chartValues>,
): Promise<KubernetesObject[]> {
  const { source } = request.blueprint;
  if ('helm' in source) return renderChart(tools.helmPath, source.helm, request, values);
  if ('kustomize' in source) return renderKustomization(tools.kubectlPath, request.directory, source.kustomize);
  return readManifests(request.directory, source.manifests);
}

/**
 * All objects come to lie in the staging's one namespace, so what differs in its namespace only is the same object. A
 * hook may come again in another phase.
 */
function refuseDuplicates({ objects, hooks }: Workload): void {
  const identities = [
    ...objects.map((object) => ({ object, identity: identityOf(object) })),
    ...hooks.flatMap(({ object, phases }) =>
      phases.map((phase) => ({ object, identity: `${phase} ${identityOf(object)}` })),
    ),
  ];
  const seen = new Set<string>();
  for (const { object, identity } of identities) {
    if (seen.has(identity)) throw new RenderFailed(`${describeObject(object)}: is there more than once`);
    seen.add(identity);
  }
}

function identityOf({ apiVersion, kind, metadata }: KubernetesObject): string {
  const group = apiVersion.includes('/') ? apiVersion.split('/', 1)[0] : '';
  return `${group}/${kind}/${metadata.name}`;
}
