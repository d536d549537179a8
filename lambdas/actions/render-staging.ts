import type { Workload } from '../domain/kubernetes-object.ts';
import { hostAt } from '../domain/links.ts';
import type { Render } from '../render/render.ts';
import type { Planned } from './plan.ts';

/**
 * A chart with random values differs each time it is rendered, so within a container one operation is rendered once. Kept
 * for this many operations: a container carries out few at a time.
 */
const kept = 8;
const renderings = new Map<string, Promise<Workload>>();

/** The staging's workload as its blueprint and values have it. @throws RenderFailed */
export function renderStaging(
  { render, publicBaseUrl }: { render: Render; publicBaseUrl: string },
  { staging, blueprint, directory, target }: Planned,
  isUpgrade: boolean,
): Promise<Workload> {
  const key = `${staging.operation.id} ${staging.operation.requestedAt} ${isUpgrade}`;
  const known = renderings.get(key);
  if (known) return known;
  const rendering = render({
    blueprint,
    directory,
    name: staging.name,
    namespace: target.namespace,
    host: hostAt(staging.name, publicBaseUrl),
    values: staging.desired.values,
    overrides: staging.desired.overrides,
    isUpgrade,
  });
  renderings.set(key, rendering);
  rendering.catch(() => renderings.delete(key));
  const [oldest] = renderings.keys();
  if (renderings.size > kept && oldest !== undefined) renderings.delete(oldest);
  return rendering;
}
