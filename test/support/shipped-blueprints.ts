import { join } from 'node:path';
import type { Workload } from '../../lambdas/domain/kubernetes-object.ts';
import { type Blueprints, loadBlueprints } from '../../lambdas/render/blueprints.ts';
import type { RenderRequest } from '../../lambdas/render/render.ts';
import { renderWorkload } from '../../lambdas/render/render-workload.ts';
import { compileBlueprints } from '../../lib/build/blueprints.ts';
import { findBinaries } from '../../lib/local/binaries.ts';
import { folderWith, renderRequest } from './render.ts';

/** The repository's own blueprints, as functions get them, until the test has ended. */
export async function shippedBlueprints(): Promise<Blueprints> {
  const out = await folderWith({});
  await compileBlueprints(join(import.meta.dirname, '..', '..', 'blueprints'), out);
  return loadBlueprints(out);
}

/** One of the repository's own blueprints, rendered by the real tools. */
export async function renderShipped(name: string, fields: Partial<RenderRequest> = {}): Promise<Workload> {
  const shipped = (await shippedBlueprints()).get(name);
  if (!shipped) throw new Error(`there is no blueprint "${name}"`);
  return renderWorkload(await findBinaries())(renderRequest({ ...shipped, ...fields }));
}
