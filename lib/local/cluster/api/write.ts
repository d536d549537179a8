import jsonPatch from 'fast-json-patch';
import type { KubernetesObject } from '../../../../lambdas/domain/kubernetes-object.ts';
import { ApiError, badRequest, conflict, invalid, invalidOptions, methodNotAllowed } from '../api-error.ts';
import { recordUpdate, type Writer } from '../apply/managers.ts';
import { mergePatch, strategicMerge } from '../apply/patches.ts';
import { applyConfiguration } from '../apply/server-side-apply.ts';
import { timestamp } from '../identifiers.ts';
import { isRecord } from '../json.ts';
import { isBuiltIn } from '../kind-rules.ts';
import type { ManagerEntry, Stored } from '../object-table.ts';
import { forbiddenValue, invalidValue, requiredValue, unsupportedValue } from '../validation/problems.ts';
import type { User, WriteContext } from '../write-context.ts';
import { answer, presented, presentFor } from './answer.ts';
import { contentTypeOf, objectFor, parseBody } from './body.ts';
import { type Checked, checkAppliedFields, checkFields, fieldValidationOf } from './fields.ts';
import type { ApiParts } from './parts.ts';
import type { ApiResponse, ResourceRequest } from './request.ts';

const applyType = 'application/apply-patch+yaml';

function isDryRun(query: URLSearchParams): boolean {
  const values = query.getAll('dryRun');
  if (values.some((value) => value !== 'All'))
    throw invalidOptions('PatchOptions', unsupportedValue('dryRun', values, ['All']));
  return values.length > 0;
}

/** Without a fieldManager the first word of the user agent names the writer. */
function writerOf({ query, request, subresource }: ResourceRequest, time: string): Writer {
  const agent = request.headers['user-agent']?.split('/')[0] ?? 'unknown';
  const manager = query.get('fieldManager') ?? agent;
  return { manager, time, ...(subresource === undefined ? {} : { subresource }) };
}

function contextOf(parts: ApiParts, request: ResourceRequest, user: User): WriteContext {
  const { subresource } = request;
  const schema = parts.schemaOf(request.resource);
  const writer = writerOf(request, timestamp(parts.clock.now()));
  return {
    user,
    isDryRun: isDryRun(request.query),
    webhookAnswers: parts.webhookAnswers,
    ...(subresource === 'status' || subresource === 'finalize' ? { subresource } : {}),
    managersOf: (old: Stored | undefined, next: KubernetesObject): readonly ManagerEntry[] =>
      recordUpdate(schema, old?.managers ?? [], old?.object, next, writer),
  };
}

const warningHeader = (warnings: readonly string[]): Record<string, string> =>
  warnings.length === 0 ? {} : { warning: warnings.map((text) => `299 - ${JSON.stringify(text)}`).join(', ') };

const checked = (parts: ApiParts, request: ResourceRequest, object: KubernetesObject): Checked =>
  checkFields(request.resource, parts.schemaOf(request.resource), object, fieldValidationOf(request.query));

export function createObject(parts: ApiParts, request: ResourceRequest, user: User): ApiResponse {
  if (request.subresource !== undefined) throw methodNotAllowed();
  const { object, warnings } = checked(parts, request, objectFor(request, parseBody(request.request)));
  if ((object.metadata.resourceVersion ?? '') !== '')
    throw new ApiError(500, '', 'resourceVersion should not be set on objects to be created');
  const stored = parts.store.create(object, contextOf(parts, request, user));
  return answer(presentFor(request.request)(stored), 201, warningHeader(warnings));
}

/** A custom resource is only replaced by whoever says which version of it he has seen. @throws ApiError 422 */
export function replaceObject(parts: ApiParts, request: ResourceRequest, user: User): ApiResponse {
  const { object, warnings } = checked(parts, request, objectFor(request, parseBody(request.request)));
  const { resource, name = '' } = request;
  if (!isBuiltIn(resource) && (object.metadata.resourceVersion ?? '') === '') {
    throw invalid(resource, name, [invalidValue('metadata.resourceVersion', 0, 'must be specified for an update')]);
  }
  const stored = parts.store.update(object, contextOf(parts, request, user));
  return answer(presentFor(request.request)(stored), 200, warningHeader(warnings));
}

function jsonPatched(target: KubernetesObject, patch: unknown): unknown {
  if (!Array.isArray(patch)) throw badRequest('a JSON patch is a list of operations');
  try {
    return jsonPatch.applyPatch(target, patch, true, false).newDocument;
  } catch (error) {
    const why = error instanceof Error ? (error.message.split('\n')[0] ?? '') : '';
    throw new ApiError(422, 'Invalid', `the server rejected our request due to an error in our request: ${why}`);
  }
}

function patched(parts: ApiParts, request: ResourceRequest, live: Stored): unknown {
  const target = presented(live);
  const type = contentTypeOf(request.request);
  const body = parseBody(request.request);
  if (type === 'application/json-patch+json') return jsonPatched(target, body);
  if (!isRecord(body)) throw badRequest('a patch is an object');
  if (type === 'application/merge-patch+json') return mergePatch(target, body);
  if (type === 'application/strategic-merge-patch+json' && isBuiltIn(request.resource)) {
    return strategicMerge(parts.schemaOf(request.resource), target, body);
  }
  const accepted = ['application/json-patch+json', 'application/merge-patch+json', applyType];
  throw new ApiError(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
  );
}

function applyObject(parts: ApiParts, request: ResourceRequest, user: User): ApiResponse {
  const { resource, namespace, name = '', query } = request;
  const manager = query.get('fieldManager') ?? '';
  if (manager === '') {
    throw invalidOptions('PatchOptions', requiredValue('fieldManager', 'is required for apply patch'));
  }
  const schema = parts.schemaOf(resource);
  const given = objectFor(request, parseBody(request.request));
  if (given.metadata['managedFields'] !== undefined) throw badRequest('metadata.managedFields must be nil');
  const applied = checkAppliedFields(resource, schema, given);
  const live = parts.store.table.get(resource, namespace, name);
  const writer = writerOf(request, timestamp(parts.clock.now()));
  const { object, managers } = applyConfiguration(schema, {
    applied,
    live,
    writer,
    isForced: query.get('force') === 'true',
  });
  const context = { ...contextOf(parts, request, user), managersOf: () => managers };
  const present = presentFor(request.request);
  const { resourceVersion, uid } = applied.metadata;
  if (live === undefined) {
    const why = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`;
    if ((uid ?? '') !== '') throw conflict(resource, name, why);
    return answer(present(parts.store.create(object, context)), 201);
  }
  const versioned =
    resourceVersion === undefined ? object : { ...object, metadata: { ...object.metadata, resourceVersion } };
  return answer(present(parts.store.update(versioned, context)));
}

export function patchObject(parts: ApiParts, request: ResourceRequest, user: User): ApiResponse {
  if (contentTypeOf(request.request).startsWith('application/apply-patch')) return applyObject(parts, request, user);
  if (request.query.has('force')) {
    throw invalidOptions('PatchOptions', forbiddenValue('force', 'may not be specified for non-apply patch'));
  }
  const live = parts.store.require(request.resource, request.namespace, request.name ?? '');
  const { object, warnings } = checked(parts, request, objectFor(request, patched(parts, request, live)));
  const stored = parts.store.update(object, contextOf(parts, request, user));
  return answer(presentFor(request.request)(stored), 200, warningHeader(warnings));
}
