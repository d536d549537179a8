import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RenderFailed } from '../lambdas/domain/render-failed.ts';
import { renderWorkload } from '../lambdas/render/render-workload.ts';
import { BlueprintsInvalid, type CheckedBlueprint, checkBlueprints } from '../lib/build/blueprints.ts';
import { blueprintJsonSchema, jsonSchemaFile } from '../lib/build/json-schema.ts';
import { findBinaries } from '../lib/local/binaries.ts';

/** `npm run blueprints [-- DIR]`: writes the JSON Schema for editors, checks all blueprints and renders each. */
const dir = process.argv[2] ?? join(import.meta.dirname, '..', 'blueprints');

await writeFile(join(dir, jsonSchemaFile), blueprintJsonSchema());
try {
  const render = renderWorkload(await findBinaries());
  for (const checked of await checkBlueprints(dir)) console.log(`${checked.name}: ${await describe(checked)}`);

  async function describe({ name, folder, blueprint }: CheckedBlueprint): Promise<string> {
    if ('helm' in blueprint.source && 'repository' in blueprint.source.helm)
      return 'right; a remote chart, not rendered';
    const required = Object.entries(blueprint.inputs).filter(([, input]) => input.required);
    if (required.length > 0)
      return `right; not rendered, since a request must set ${required.map(([key]) => key).join(', ')}`;
    const sample = { name: 'sample', namespace: 'stg-sample', host: 'sample.example.com' };
    const request = { ...sample, blueprint, directory: folder, values: {}, overrides: {}, isUpgrade: false };
    const { objects, hooks } = await render(request).catch((error: unknown) => {
      throw error instanceof RenderFailed ? new BlueprintsInvalid([`${name}: ${error.message}`]) : error;
    });
    return `right; ${objects.length} objects and ${hooks.length} hooks with its defaults`;
  }
} catch (error) {
  if (!(error instanceof BlueprintsInvalid)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
