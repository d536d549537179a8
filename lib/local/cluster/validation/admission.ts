import { badRequest, invalid } from '../api-error.ts';
import { recordAt } from '../json.ts';
import { isBuiltIn } from '../kind-rules.ts';
import { childSchema, type Schema } from '../schema/schema.ts';
import type { ResourceType } from '../storage.ts';
import type { Admission } from '../write-context.ts';
import { immutableProblems } from './immutable.ts';
import { metadataProblems } from './metadata.ts';
import { missingFields } from './required.ts';
import { specProblems } from './spec.ts';

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function checkSecret(data: Record<string, unknown>): void {
  const wrong = Object.values(data).find(
    (value) => typeof value !== 'string' || !base64.test(value.replaceAll(/\s/g, '')),
  );
  if (wrong === undefined) return;
  throw badRequest('Secret in version "v1" cannot be handled as a Secret: illegal base64 data at input byte 0');
}

const hasSpec = (schema: Schema): boolean => childSchema(schema, 'spec')?.kind === 'struct';

/** Objects that aren't whole, or ask for what can't be, are refused with every finding at once. @throws ApiError 422 */
export const validation = (schemaOf: (resource: ResourceType) => Schema): Admission => ({
  validate({ operation, resource, object, oldObject, name, context }) {
    if (operation === 'DELETE' || object === undefined || context.subresource === 'status') return;
    const { status: _, ...given } = object;
    // A kind with a spec needs what the spec needs, also where it is left out.
    const declared = hasSpec(schemaOf(resource)) ? { spec: {}, ...given } : given;
    const problems = [
      ...metadataProblems(resource, object, oldObject),
      ...(isBuiltIn(resource)
        ? [
            ...missingFields(schemaOf(resource), declared),
            ...specProblems({ ...object, ...declared }),
            ...(oldObject === undefined ? [] : immutableProblems(object, oldObject)),
          ]
        : []),
    ];
    if (resource.group === '' && resource.kind === 'Secret') checkSecret(recordAt(object, 'data'));
    const distinct = new Map(problems.map((problem) => [`${problem.field} ${problem.message}`, problem]));
    if (distinct.size > 0) throw invalid(resource, name, [...distinct.values()]);
  },
});
