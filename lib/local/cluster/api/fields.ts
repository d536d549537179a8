import type { KubernetesObject } from '../../../../lambdas/domain/kubernetes-object.ts';
import { ApiError, badRequest, invalidOptions } from '../api-error.ts';
import { isKubernetesObject } from '../json.ts';
import { decode, type SchemaProblem } from '../schema/decode.ts';
import type { StructSchema } from '../schema/schema.ts';
import type { ResourceType } from '../storage.ts';
import { unsupportedValue } from '../validation/problems.ts';

export type FieldValidation = 'Strict' | 'Warn' | 'Ignore';

/** @throws ApiError 422 for a value that is none of the three */
export function fieldValidationOf(query: URLSearchParams): FieldValidation {
  const value = query.get('fieldValidation') ?? 'Warn';
  if (value === 'Strict' || value === 'Warn' || value === 'Ignore' || value === '')
    return value === '' ? 'Warn' : value;
  throw invalidOptions('PatchOptions', unsupportedValue('fieldValidation', value, ['', 'Ignore', 'Strict', 'Warn']));
}

const cannotBe = (resource: ResourceType, why: string): ApiError =>
  badRequest(`${resource.kind} in version "${resource.version}" cannot be handled as a ${resource.kind}: ${why}`);

const unmarshal = ({ path, expected, found }: SchemaProblem): string =>
  `json: cannot unmarshal ${found} into Go struct field ${path} of type ${expected}`;

export interface Checked {
  object: KubernetesObject;
  /** texts for the Warning header */
  warnings: readonly string[];
}

/** Holds an object against its schema and drops what nobody declared. @throws ApiError 400: a wrong type, or with Strict an unknown field */
export function checkFields(
  resource: ResourceType,
  schema: StructSchema,
  given: KubernetesObject,
  validation: FieldValidation,
): Checked {
  const { value, problems } = decode(schema, given);
  const mismatch = problems.find(({ problem }) => problem === 'type');
  if (mismatch !== undefined) throw cannotBe(resource, unmarshal(mismatch));
  const unknown = problems.filter(({ problem }) => problem === 'unknown').map(({ path }) => `unknown field "${path}"`);
  if (unknown.length > 0 && validation === 'Strict')
    throw cannotBe(resource, `strict decoding error: ${unknown.join(', ')}`);
  if (!isKubernetesObject(value)) throw badRequest('the object has no apiVersion, kind or metadata');
  return { object: value, warnings: validation === 'Warn' ? unknown : [] };
}

/** Server-side apply knows numbers, however they are kept. */
const typedNames: Record<string, string> = { int32: 'numeric (int or float)', float64: 'numeric (int or float)' };

function typedSentence({ typedPath, problem, expected, found }: SchemaProblem): string {
  if (problem === 'unknown') return `${typedPath}: field not declared in schema`;
  return `${typedPath}: ${problem === 'type' ? `expected ${typedNames[expected] ?? expected}, got ${found}` : expected}`;
}

/**
 * The same for server-side apply, which never lets an unknown field pass. As on a real server the refusal is a 500 without a
 * reason, whatever fieldValidation says. @throws ApiError 500
 */
export function checkAppliedFields(
  resource: ResourceType,
  schema: StructSchema,
  given: KubernetesObject,
): KubernetesObject {
  const { value, problems } = decode(schema, given);
  const [first] = problems;
  if (first === undefined && isKubernetesObject(value)) return value;
  const { name = '', namespace } = given.metadata;
  const group = resource.group === '' ? `/${resource.version}` : `${resource.group}/${resource.version}`;
  const id = `${namespace === undefined ? '' : `${namespace}/`}${name}; ${group}, Kind=${resource.kind}`;
  const sentences = problems.map(typedSentence);
  const listed =
    sentences.length === 1 ? sentences.join('') : `errors:\n${sentences.map((one) => `  ${one}`).join('\n')}`;
  throw new ApiError(500, '', `failed to create typed patch object (${id}): ${listed}`);
}
