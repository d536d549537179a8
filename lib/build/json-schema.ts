import * as z from 'zod';
import { Blueprint } from '../../lambdas/domain/blueprint.ts';

/** Name of the schema's file, beside the blueprints' folders. */
export const jsonSchemaFile = 'blueprint.schema.json';

/** JSON Schema of blueprint.yaml as authors write it, for editors: `# yaml-language-server: $schema=../blueprint.schema.json`. */
export function blueprintJsonSchema(): string {
  const schema = z.toJSONSchema(Blueprint, { io: 'input', override: ({ jsonSchema }) => unformat(jsonSchema) });
  return `${JSON.stringify({ title: 'A blueprint of Berth', ...schema }, null, 2)}\n`;
}

/** zod names its own checks as formats, which editors don't know; the pattern beside them says the same. */
function unformat(schema: z.core.JSONSchema.BaseSchema): void {
  if (schema.format === 'starts_with') delete schema.format;
}
