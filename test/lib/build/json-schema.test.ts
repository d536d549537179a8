import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { blueprintJsonSchema, jsonSchemaFile } from '../../../lib/build/json-schema.ts';

const folder = join(import.meta.dirname, '..', '..', '..', 'blueprints');
const validate = new Ajv2020().compile(JSON.parse(blueprintJsonSchema()));

describe('the JSON Schema of blueprints', () => {
  it('is what lies beside them; "npm run blueprints" writes it', () => {
    expect(readFileSync(join(folder, jsonSchemaFile), 'utf8')).toBe(blueprintJsonSchema());
  });

  it.each(readdirSync(folder).filter((name) => !name.endsWith('.json')))('takes %s, which refers to it', (name) => {
    const text = readFileSync(join(folder, name, 'blueprint.yaml'), 'utf8');
    expect(text).toMatch(/^# yaml-language-server: \$schema=\.\.\/blueprint\.schema\.json\n/);
    validate(parse(text));
    expect(validate.errors).toBeNull();
  });

  it('refuses what the schema in code refuses', () => {
    const right = { name: 'a', description: 'd', source: { manifests: './m' } };
    expect(validate(right)).toBe(true);
    expect(validate({ ...right, ttl: '3d' })).toBe(false);
    expect(validate({ ...right, source: { manifests: '/etc' } })).toBe(false);
    expect(validate({ ...right, name: 'A' })).toBe(false);
  });
});
