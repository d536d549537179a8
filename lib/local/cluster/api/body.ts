import { parseDocument } from 'yaml';
import type { KubernetesObject } from '../../../../lambdas/domain/kubernetes-object.ts';
import { ApiError, badRequest } from '../api-error.ts';
import { isKubernetesObject, isRecord } from '../json.ts';
import { apiVersionOf } from '../resources.ts';
import type { ApiRequest, ResourceRequest } from './request.ts';

export const contentTypeOf = (request: ApiRequest): string =>
  (request.headers['content-type'] ?? 'application/json').split(';')[0]?.trim() ?? '';

const unsupported = (type: string): ApiError =>
  new ApiError(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: application/json, application/yaml (got ${type}, which "kubectl create" sends and the simulated cluster does not read: use "kubectl apply")`,
  );

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw badRequest(`the object provided is unrecognized: ${error instanceof Error ? error.message : 'no JSON'}`);
  }
}

function parseYaml(text: string): unknown {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error !== undefined) throw badRequest(`error decoding YAML: ${error.message}`);
  return document.toJS();
}

/** The body as JSON or YAML. @throws ApiError 400, 415 */
export function parseBody(request: ApiRequest): unknown {
  const type = contentTypeOf(request);
  if (type.includes('protobuf') || type.includes('cbor')) throw unsupported(type);
  const text = request.body ?? '';
  return type.endsWith('yaml') && !text.trimStart().startsWith('{') ? parseYaml(text) : parseJson(text);
}

/** An object for this resource: kind, namespace and name agree with the path, or come from it. @throws ApiError 400 */
export function objectFor(
  { resource, namespace, name, subresource }: ResourceRequest,
  body: unknown,
): KubernetesObject {
  if (!isRecord(body)) throw badRequest('the object provided is unrecognized (must be of type Object)');
  const apiVersion = apiVersionOf(resource);
  const given = {
    apiVersion,
    kind: resource.kind,
    ...body,
    metadata: isRecord(body['metadata']) ? body['metadata'] : {},
  };
  if (!isKubernetesObject(given)) throw badRequest('apiVersion and kind of the object must be texts');
  if (given.apiVersion !== apiVersion || given.kind !== resource.kind) {
    const kind = `${given.apiVersion}, Kind=${given.kind}`;
    throw badRequest(
      `the API version and kind in the data (${kind}) do not match the expected (${apiVersion}, Kind=${resource.kind})`,
    );
  }
  const { metadata } = given;
  if (
    metadata.namespace !== undefined &&
    metadata.namespace !== '' &&
    resource.namespaced &&
    metadata.namespace !== namespace
  ) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  if (name !== undefined && metadata.name !== undefined && metadata.name !== name) {
    throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`);
  }
  if (subresource !== undefined && name === undefined) throw badRequest('a subresource needs a name');
  return {
    ...given,
    metadata: {
      ...metadata,
      ...(name === undefined ? {} : { name }),
      ...(resource.namespaced && namespace !== undefined ? { namespace } : {}),
    },
  };
}
