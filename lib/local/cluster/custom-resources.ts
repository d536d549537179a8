import type { KubernetesObject } from '../../../lambdas/domain/kubernetes-object.ts';
import type { Clock } from '../clock.ts';
import { invalid, noSuchPath, type StatusCause } from './api-error.ts';
import { timestamp } from './identifiers.ts';
import { isRecord, type JsonRecord, listAt, recordAt, stringAt, valueAt } from './json.ts';
import { isTerminating } from './object-lifecycle.ts';
import type { ObjectStore } from './object-store.ts';
import type { ObjectTable } from './object-table.ts';
import type { ServedResources } from './resources.ts';
import type { StructSchema } from './schema/schema.ts';
import { structuralSchema } from './schema/structural-schema.ts';
import type { ResourceType } from './storage.ts';
import { invalidValue } from './validation/problems.ts';
import { type Admission, controllerUser, type WriteContext } from './write-context.ts';

const group = 'apiextensions.k8s.io';
const context: WriteContext = { user: controllerUser };

const strings = (list: readonly unknown[]): string[] => list.filter((one) => typeof one === 'string');
const servedVersions = (definition: KubernetesObject): unknown[] =>
  listAt(definition, 'spec', 'versions').filter((version) => valueAt(version, 'served') === true);

/** The kind a definition defines, by its one served version; undefined for every other object. */
export function customResourceType(definition: KubernetesObject): ResourceType | undefined {
  if (definition.kind !== 'CustomResourceDefinition') return undefined;
  const [version] = servedVersions(definition);
  const names = recordAt(definition, 'spec', 'names');
  const kind = stringAt(names, 'kind') ?? '';
  return {
    group: stringAt(definition, 'spec', 'group') ?? '',
    version: stringAt(version, 'name') ?? '',
    kind,
    plural: stringAt(names, 'plural') ?? '',
    singular: stringAt(names, 'singular') ?? kind.toLowerCase(),
    shortNames: strings(listAt(names, 'shortNames')),
    namespaced: stringAt(definition, 'spec', 'scope') === 'Namespaced',
    subresources: isRecord(valueAt(version, 'subresources', 'status')) ? ['status'] : [],
  };
}

const required = (field: string): StatusCause => ({ reason: 'FieldValueRequired', message: 'Required value', field });
const notAnObject = (type: string): StatusCause =>
  invalidValue('spec.validation.openAPIV3Schema.type', type, 'must be object at the root');
const unsupported = (field: string, what: string): StatusCause => ({
  reason: 'FieldValueNotSupported',
  message: `Unsupported value: the simulated cluster does not have ${what}`,
  field,
});

function problemsOf(definition: KubernetesObject): StatusCause[] {
  const served = servedVersions(definition);
  const problems: StatusCause[] = [];
  const plural = stringAt(definition, 'spec', 'names', 'plural') ?? '';
  const name = `${plural}.${stringAt(definition, 'spec', 'group') ?? ''}`;
  if (definition.metadata.name !== name) {
    const message = `Invalid value: "${definition.metadata.name}": must be spec.names.plural+"."+spec.group`;
    problems.push({ reason: 'FieldValueInvalid', message, field: 'metadata.name' });
  }
  if (served.length !== 1) problems.push(unsupported('spec.versions', `kinds with ${served.length} served versions`));
  const stored = listAt(definition, 'spec', 'versions').filter((version) => valueAt(version, 'storage') === true);
  if (stored.length !== 1) {
    const versions = valueAt(definition, 'spec', 'versions');
    problems.push(invalidValue('spec.versions', versions, 'must have exactly one version marked as storage version'));
  }
  const [version] = served;
  const schema = valueAt(version, 'schema', 'openAPIV3Schema');
  if (!isRecord(schema)) problems.push(required('spec.versions[0].schema.openAPIV3Schema'));
  else if (schema['type'] !== 'object') problems.push(notAnObject(stringAt(schema, 'type') ?? ''));
  else if (JSON.stringify(schema).includes('"x-kubernetes-validations"')) {
    problems.push(unsupported('spec.versions[0].schema.openAPIV3Schema', 'x-kubernetes-validations'));
  }
  if (isRecord(valueAt(version, 'subresources', 'scale'))) {
    problems.push(unsupported('spec.versions[0].subresources.scale', 'scale of custom resources'));
  }
  if (stringAt(definition, 'spec', 'conversion', 'strategy') === 'Webhook') {
    problems.push(unsupported('spec.conversion.strategy', 'conversion webhooks'));
  }
  return problems;
}

/** Refuses definitions that ask for more than is simulated. */
export const definitionAdmission: Admission = {
  validate({ resource, object, name }) {
    if (resource.group !== group || object === undefined) return;
    const problems = problemsOf(object);
    if (problems.length > 0) throw invalid(resource, name, problems);
  },
};

const schemas = new WeakMap<object, StructSchema>();

/** The schema of a custom resource, from its definition. @throws ApiError 404 where the definition is gone */
export function customSchema(table: ObjectTable, resources: ServedResources, resource: ResourceType): StructSchema {
  const json = openApiSchema(table, resources, resource);
  const known = schemas.get(json);
  if (known !== undefined) return known;
  const schema = structuralSchema(json, resource);
  schemas.set(json, schema);
  return schema;
}

/** The OpenAPI schema of a custom resource, as its definition has it. @throws ApiError 404 where the definition is gone */
export function openApiSchema(table: ObjectTable, resources: ServedResources, resource: ResourceType): JsonRecord {
  const definitions = resources.builtIn(`${group}/v1`, 'CustomResourceDefinition');
  const definition = table.get(definitions, undefined, `${resource.plural}.${resource.group}`);
  const [version] = definition === undefined ? [] : servedVersions(definition.object);
  if (version === undefined) throw noSuchPath();
  return recordAt(version, 'schema', 'openAPIV3Schema');
}

/** Until a kind is served whose definition says that it is established: real discovery follows so much later too. */
const discoveryLag = 50;

/** Serves what definitions define, and deletes what they defined when they go. @returns ends the work */
export function serveCustomResources(store: ObjectStore, resources: ServedResources, clock: Clock): () => void {
  const definitions = resources.builtIn(`${group}/v1`, 'CustomResourceDefinition');

  const waiting = new Map<string | undefined, () => void>();

  const serve = ({ metadata }: KubernetesObject, type: ResourceType): void => {
    if (resources.ofKind(`${type.group}/${type.version}`, type.kind) !== undefined) return;
    const callOff = clock.after(discoveryLag, () => {
      waiting.delete(metadata.uid);
      resources.add(type);
    });
    waiting.set(metadata.uid, callOff);
  };

  const establish = (definition: KubernetesObject): void => {
    const type = customResourceType(definition);
    if (type === undefined) return;
    serve(definition, type);
    if (listAt(definition, 'status', 'conditions').length > 0) return;
    const lastTransitionTime = timestamp(clock.now());
    const condition = (kind: string, reason: string, message: string) => ({
      type: kind,
      status: 'True',
      lastTransitionTime,
      reason,
      message,
    });
    const status = {
      acceptedNames: recordAt(definition, 'spec', 'names'),
      storedVersions: [type.version],
      conditions: [
        condition('NamesAccepted', 'NoConflicts', 'no conflicts found'),
        condition('Established', 'InitialNamesAccepted', 'the initial names have been accepted'),
      ],
    };
    store.update({ ...definition, status }, { ...context, subresource: 'status' });
  };

  const withdraw = (definition: KubernetesObject): void => {
    waiting.get(definition.metadata.uid)?.();
    waiting.delete(definition.metadata.uid);
    const type = customResourceType(definition);
    const served = type && resources.ofKind(`${type.group}/${type.version}`, type.kind);
    if (served === undefined) return;
    for (const stored of store.table.list(served)) if (!isTerminating(stored.object)) store.delete(stored, context);
    resources.remove(served);
  };

  const stop = store.table.subscribe(({ resource, type, object }) => {
    if (resource !== definitions) return;
    if (type === 'DELETED') withdraw(object);
    else if (type === 'ADDED') establish(object);
  });
  return () => {
    stop();
    for (const callOff of waiting.values()) callOff();
  };
}
