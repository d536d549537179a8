import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import * as z from 'zod';

const modelsFolder = join(dirname(createRequire(import.meta.url).resolve('@kubernetes/client-node')), 'gen', 'models');

const TypeMap = z.array(z.object({ baseName: z.string(), type: z.string(), format: z.string() }));

export interface ModelField {
  type: string;
  format: string;
}

export interface Model {
  fields: ReadonlyMap<string, ModelField>;
  required: readonly string[];
}

const mapStart = 'attributeTypeMap = ';

/** In the declarations `'name': string` is required and `'name'?: string` is not. */
const requiredField = /^ {4}'([^']+)': /gm;

/**
 * Fields of a Kubernetes type, from the files of the client library. They are read and not imported: a kind that nobody
 * uses costs no memory. @returns undefined where the library has no such type
 */
export function readModel(typeName: string): Model | undefined {
  const file = join(modelsFolder, `${typeName}.js`);
  if (!existsSync(file)) return undefined;
  const source = readFileSync(file, 'utf8');
  const start = source.indexOf(mapStart) + mapStart.length;
  const entries = TypeMap.parse(JSON.parse(source.slice(start, source.indexOf('];', start) + 1)));
  const fields = new Map(entries.map(({ baseName, type, format }) => [baseName, { type, format }]));
  const declarations = readFileSync(join(modelsFolder, `${typeName}.d.ts`), 'utf8');
  const required = Array.from(declarations.matchAll(requiredField), ([, name = '']) => name);
  return { fields, required: required.filter((name) => fields.has(name)) };
}
