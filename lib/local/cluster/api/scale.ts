import type { KubernetesObject } from '../../../../lambdas/domain/kubernetes-object.ts';
import { ApiError, badRequest } from '../api-error.ts';
import { recordUpdate } from '../apply/managers.ts';
import { mergePatch } from '../apply/patches.ts';
import { timestamp } from '../identifiers.ts';
import { isRecord, type JsonRecord, recordAt, valueAt, withValueAt } from '../json.ts';
import type { User } from '../write-context.ts';
import { answer } from './answer.ts';
import { contentTypeOf, parseBody } from './body.ts';
import type { ApiParts } from './parts.ts';
import type { ApiResponse, ResourceRequest } from './request.ts';

const selectorText = (labels: JsonRecord): string =>
  Object.entries(labels)
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(',');

function scaleOf(object: KubernetesObject): JsonRecord {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const selector = recordAt(object, 'spec', 'selector');
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: valueAt(object, 'spec', 'replicas') ?? 0 },
    status: {
      replicas: valueAt(object, 'status', 'replicas') ?? 0,
      selector: selectorText(recordAt(selector, 'matchLabels')),
    },
  };
}

/** The `scale` subresource: an object's replicas, whatever its kind. @throws ApiError 404, 409, 400, 415 */
export function scale(parts: ApiParts, request: ResourceRequest, user: User): ApiResponse {
  const { resource, namespace, name = '', query } = request;
  const live = parts.store.require(resource, namespace, name);
  const current = scaleOf(live.object);
  if (request.verb === 'get') return answer(current);
  const type = contentTypeOf(request.request);
  const body = parseBody(request.request);
  const isMerge = ['application/merge-patch+json', 'application/strategic-merge-patch+json'].includes(type);
  if (request.verb === 'patch' && !isMerge) {
    throw new ApiError(415, 'UnsupportedMediaType', 'scale is patched with application/merge-patch+json');
  }
  const wanted = request.verb === 'patch' ? mergePatch(current, body) : body;
  const replicas = valueAt(wanted, 'spec', 'replicas') ?? 0;
  if (!isRecord(wanted) || typeof replicas !== 'number' || !Number.isInteger(replicas) || replicas < 0) {
    throw badRequest('spec.replicas: Invalid value: must be a whole number, 0 or more');
  }
  const resourceVersion = valueAt(wanted, 'metadata', 'resourceVersion');
  const scaled = withValueAt(
    withValueAt(live.object, ['spec', 'replicas'], replicas),
    ['metadata', 'resourceVersion'],
    resourceVersion,
  );
  const manager = query.get('fieldManager') ?? request.request.headers['user-agent']?.split('/')[0] ?? 'unknown';
  const writer = { manager, time: timestamp(parts.clock.now()), subresource: 'scale' };
  const schema = parts.schemaOf(resource);
  const stored = parts.store.update(scaled, {
    user,
    managersOf: (old, next) => recordUpdate(schema, old?.managers ?? [], old?.object, next, writer),
  });
  return answer(scaleOf(stored.object));
}
