import { join } from 'node:path';
import type { Blueprint } from '../domain/blueprint.ts';
import { chartValues } from '../domain/chart-values.ts';
import { applyEdits, editsOf } from '../domain/edits.ts';
import { InputRefused } from '../domain/errors.ts';
import { describeObject, type KubernetesObject, type Workload } from '../domain/kubernetes-object.ts';
import { RenderFailed } from '../domain/render-failed.ts';
import type { Values } from '../domain/staging.ts';
import { checkValues } from '../domain/values.ts';
import { renderChart } from './helm.ts';
import { renderKustomization } from './kustomize.ts';
import { readManifests } from './manifests.ts';
import { refuseUnaddressable } from './refuse-unaddressable.ts';
import type { Render, RenderRequest, RenderTools } from './render.ts';
import { splitHooks } from './split-hooks.ts';

/**
 * Turns a blueprint and a staging's values into objects: the source rendered, then edited where inputs say so, hooks
 * apart. The same request comes to the same objects, unless a chart uses randomness or time.
 */
export function renderWorkload(tools: RenderTools): Render {
  const read = sourceReader(tools);
  return async (request) => {
    const { blueprint, values, host } = request;
    refuseValues(blueprint, values);
    const edits = editsOf(blueprint, values, host);
    const workload = splitHooks(applyEdits(await read(request), edits));
    for (const object of [...workload.objects, ...workload.hooks.map((hook) => hook.object)])
      refuseUnaddressable(object);
    refuseDuplicates(workload);
    return workload;
  };
}

/** They were checked when they were requested; but blueprints change under stagings that live for weeks. */
function refuseValues(blueprint: Blueprint, values: Values): void {
  const problems = checkValues(blueprint, values);
  if (problems.length > 0) throw new RenderFailed(new InputRefused(problems).message);
}

type Objects = readonly KubernetesObject[];

/** Manifests depend on nothing but the bundle, which never changes: each folder is read once. */
function sourceReader(tools: RenderTools): (request: RenderRequest) => Promise<Objects> {
  const folders = new Map<string, Promise<Objects>>();
  return (request) => {
    const { blueprint, directory, values, host } = request;
    const { source } = blueprint;
    if ('helm' in source) {
      return renderChart(tools.helmPath, source.helm, request, chartValues(blueprint, values, host));
    }
    if ('kustomize' in source) return renderKustomization(tools.kubectlPath, directory, source.kustomize);
    const folder = join(directory, source.manifests);
    const reading = folders.get(folder) ?? readManifests(directory, source.manifests);
    folders.set(folder, reading);
    reading.catch(() => folders.delete(folder));
    return reading;
  };
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
