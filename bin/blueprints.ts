import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BlueprintsInvalid, checkBlueprints } from '../lib/build/blueprints.ts';
import { blueprintJsonSchema, jsonSchemaFile } from '../lib/build/json-schema.ts';

/** `npm run blueprints [-- DIR]`: checks all blueprints and writes the JSON Schema for editors beside them. */
const dir = process.argv[2] ?? join(import.meta.dirname, '..', 'blueprints');

await writeFile(join(dir, jsonSchemaFile), blueprintJsonSchema());
try {
  const blueprints = await checkBlueprints(dir);
  console.log(`${blueprints.length} blueprints are right: ${blueprints.map(({ name }) => name).join(', ')}`);
} catch (error) {
  if (!(error instanceof BlueprintsInvalid)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
