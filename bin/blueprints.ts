import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RenderFailed } from '../lambdas/domain/render-failed.ts';
import type { Render } from '../lambdas/render/render.ts';
import { renderWorkload } from '../lambdas/render/render-workload.ts';
import { BlueprintsInvalid, type CheckedBlueprint, checkBlueprints } from '../lib/build/blueprints.ts';
import { blueprintJsonSchema, jsonSchemaFile } from '../lib/build/json-schema.ts';
import { findBinaries } from '../lib/local/binaries.ts';

/** `npm run blueprints [-- DIR]`: writes the JSON Schema for editors, checks all blueprints and renders each. */
async function checkAll(dir: string): Promise<void> {
  if (!existsSync(dir)) throw new BlueprintsInvalid([`${dir}: is no folder`]);
  await writeFile(join(dir, jsonSchemaFile), blueprintJsonSchema());
  const blueprints = await checkBlueprints(dir);
  const render = renderWorkload(await findBinaries());
  for (const checked of blueprints) console.log(`${checked.name}: ${await renderSample(render, checked)}`);
}

/** What the blueprint comes to with nothing but its defaults. */
async function renderSample(render: Render, { name, folder, blueprint }: CheckedBlueprint): Promise<string> {
  const { source, inputs } = blueprint;
  if ('helm' in source && 'repository' in source.helm) return 'right; a remote chart, which is not rendered here';
  const required = Object.keys(inputs).filter((key) => inputs[key]?.required);
  if (required.length > 0) return `right; not rendered, since a request must set ${required.join(' and ')}`;
  const sample = { name: 'sample', namespace: 'stg-sample', host: 'sample.example.com' };
  const request = { ...sample, blueprint, directory: folder, values: {}, overrides: {}, isUpgrade: false };
  const { objects, hooks } = await render(request).catch((error: unknown) => {
    throw error instanceof RenderFailed ? new BlueprintsInvalid([`${name}: ${error.message}`]) : error;
  });
  return `right; objects: ${objects.length}, hooks: ${hooks.length}`;
}

try {
  await checkAll(process.argv[2] ?? join(import.meta.dirname, '..', 'blueprints'));
} catch (error) {
  if (!(error instanceof BlueprintsInvalid)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
