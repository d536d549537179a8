import type { ResourceType } from './storage.ts';

export interface StatusCause {
  reason: string;
  message: string;
  field: string;
}

/** The `Status` object with which a Kubernetes API answers what it refuses. */
export interface Status {
  kind: 'Status';
  apiVersion: 'v1';
  metadata: { continue?: string };
  status: 'Failure' | 'Success';
  message?: string;
  reason?: string;
  details?: {
    name?: string;
    group?: string;
    kind?: string;
    uid?: string;
    causes?: readonly StatusCause[];
    retryAfterSeconds?: number;
  };
  code?: number;
}

/** A refusal, carried as the Status the caller gets. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: Status;
  readonly code: number;

  constructor(code: number, reason: string, message: string, details?: Status['details']) {
    super(message);
    this.code = code;
    this.status = {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message,
      ...(reason === '' ? {} : { reason }),
      ...(details === undefined ? {} : { details }),
      code,
    };
  }
}

/** `deployments.apps`, the form in which the API server names a resource. */
export const qualifiedResource = (resource: ResourceType): string =>
  resource.group === '' ? resource.plural : `${resource.plural}.${resource.group}`;

/** `Deployment.apps`, the form in which validation names a kind. */
export const qualifiedKind = (resource: ResourceType): string =>
  resource.group === '' ? resource.kind : `${resource.kind}.${resource.group}`;

const detailsOf = (resource: ResourceType, name: string) => ({
  name,
  ...(resource.group === '' ? {} : { group: resource.group }),
  kind: resource.plural,
});

export const notFound = (resource: ResourceType, name: string): ApiError =>
  new ApiError(404, 'NotFound', `${qualifiedResource(resource)} "${name}" not found`, detailsOf(resource, name));

/** What a path gets that no resource is served under. */
export const noSuchPath = (): ApiError =>
  new ApiError(404, 'NotFound', 'the server could not find the requested resource', {});

/** What every real cluster has under a path, and this one has not. */
export const notSimulated = (what: string): ApiError =>
  new ApiError(404, 'NotFound', `the simulated cluster does not have ${what}`, {});

export const alreadyExists = (resource: ResourceType, name: string): ApiError =>
  new ApiError(
    409,
    'AlreadyExists',
    `${qualifiedResource(resource)} "${name}" already exists`,
    detailsOf(resource, name),
  );

export const conflict = (resource: ResourceType, name: string, why: string): ApiError =>
  new ApiError(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${qualifiedResource(resource)} "${name}": ${why}`,
    detailsOf(resource, name),
  );

export const forbidden = (
  resource: ResourceType,
  name: string,
  why: string,
  causes?: readonly StatusCause[],
): ApiError =>
  new ApiError(403, 'Forbidden', `${qualifiedResource(resource)} "${name}" is forbidden: ${why}`, {
    ...detailsOf(resource, name),
    ...(causes === undefined ? {} : { causes }),
  });

export const badRequest = (message: string): ApiError => new ApiError(400, 'BadRequest', message);

export const methodNotAllowed = (): ApiError =>
  new ApiError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {});

export const expired = (message: string): ApiError => new ApiError(410, 'Expired', message);

/** Options of a request that aren't valid, under the name of the options' kind: `ListOptions`, `PatchOptions`. */
export function invalidOptions(kind: string, cause: StatusCause): ApiError {
  const message = `${kind}.meta.k8s.io "" is invalid: ${cause.field}: ${cause.message}`;
  return new ApiError(422, 'Invalid', message, { group: 'meta.k8s.io', kind, causes: [cause] });
}

/** Several findings on one object, worded as validation does: `Deployment.apps "x" is invalid: spec.foo: Required value`. */
export function invalid(resource: ResourceType, name: string, causes: readonly StatusCause[]): ApiError {
  const sentences = causes.map((cause) => `${cause.field}: ${cause.message}`);
  const listed = sentences.length === 1 ? sentences.join('') : `[${sentences.join(', ')}]`;
  return new ApiError(422, 'Invalid', `${qualifiedKind(resource)} "${name}" is invalid: ${listed}`, {
    name,
    ...(resource.group === '' ? {} : { group: resource.group }),
    kind: resource.kind,
    causes,
  });
}
