import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import type { KubernetesObject } from '../../../../lambdas/domain/kubernetes-object.ts';
import { invalid, type StatusCause } from '../api-error.ts';
import { isKubernetesObject, type JsonRecord } from '../json.ts';
import { isBuiltIn } from '../kind-rules.ts';
import type { ResourceType } from '../storage.ts';
import type { Admission } from '../write-context.ts';

const validators = new WeakMap<object, ValidateFunction>();

/** Formats are left out: a real server checks few of them, and none strictly. */
function validatorOf(schema: JsonRecord): ValidateFunction {
  const known = validators.get(schema);
  if (known !== undefined) return known;
  const made = new Ajv({ strict: false, allErrors: true, useDefaults: true, validateFormats: false }).compile(schema);
  validators.set(schema, made);
  return made;
}

function causeOf({ instancePath, keyword, message = '', params }: ErrorObject): StatusCause {
  const place = instancePath
    .slice(1)
    .replaceAll(/\/(\d+)/g, '[$1]')
    .replaceAll('/', '.');
  if (keyword === 'required') {
    const field = [place, String(params['missingProperty'])].filter((part) => part !== '').join('.');
    return { reason: 'FieldValueRequired', message: 'Required value', field };
  }
  return { reason: 'FieldValueInvalid', message: `Invalid value: ${place} in body ${message}`, field: place };
}

/** Holds custom resources against their schema, and fills in its defaults. `schemaOf` gives the OpenAPI schema. */
export const customValues = (schemaOf: (resource: ResourceType) => JsonRecord): Admission => ({
  mutate({ resource, object, name }) {
    if (isBuiltIn(resource)) return object;
    const copy: KubernetesObject = structuredClone(object);
    const validate = validatorOf(schemaOf(resource));
    if (!validate(copy)) throw invalid(resource, name, (validate.errors ?? []).map(causeOf));
    return isKubernetesObject(copy) ? copy : object;
  },
});
