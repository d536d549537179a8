import { withWebhooks } from '../admission/ask-webhook.ts';
import { ApiError, badRequest, methodNotAllowed, noSuchPath } from '../api-error.ts';
import type { Random } from '../identifiers.ts';
import type { User } from '../write-context.ts';
import { answer, errorAnswer, presentFor } from './answer.ts';
import { deleteCollection, deleteObject } from './delete.ts';
import { discover, subresourceVerbs, versionInfo } from './discovery.ts';
import { type FaultRule, faultsFor } from './faults.ts';
import { checkListOptions, checkListVersion, listMetadata, listObject, Pages } from './list.ts';
import { logs } from './logs.ts';
import { describeApi } from './openapi.ts';
import type { ApiParts } from './parts.ts';
import { type ApiRequest, type ApiResponse, parseResourceRequest, type ResourceRequest, type Verb } from './request.ts';
import { scale } from './scale.ts';
import { tableOf, wantsTable } from './table.ts';
import { watch } from './watch.ts';
import { createObject, patchObject, replaceObject } from './write.ts';

export interface ApiServer {
  /** Answers one request; never throws. */
  handle: (request: ApiRequest) => Promise<ApiResponse>;
  setFaults: (faults: readonly FaultRule[]) => void;
}

export type ApiServerParts = Omit<ApiParts, 'pages' | 'webhookAnswers'> & { random: Random };

function authenticate(parts: Pick<ApiParts, 'userOf'>, { headers }: ApiRequest): User {
  const [, token] = /^Bearer (.+)$/.exec(headers['authorization'] ?? '') ?? [];
  const user = token === undefined ? undefined : parts.userOf(token);
  if (user === undefined) throw new ApiError(401, 'Unauthorized', 'Unauthorized');
  if (Object.keys(headers).some((name) => name.startsWith('impersonate-'))) {
    throw new ApiError(403, 'Forbidden', 'the simulated cluster lets nobody impersonate');
  }
  return user;
}

function getObject(parts: ApiParts, request: ResourceRequest): ApiResponse {
  const { resource, namespace, name = '', query } = request;
  const stored = parts.store.require(resource, namespace, name);
  if (!wantsTable(request.request)) return answer(presentFor(request.request)(stored));
  const options = { now: parts.clock.now(), include: query.get('includeObject') ?? 'Metadata' };
  return answer(tableOf(resource, [stored], { resourceVersion: stored.object.metadata.resourceVersion }, options));
}

function listObjects(parts: ApiParts, request: ResourceRequest): ApiResponse {
  const { table } = parts.store;
  checkListOptions(request.query, false);
  checkListVersion(table, request.query);
  const page = parts.pages.page(table, request);
  if (!wantsTable(request.request)) return answer(listObject(request, page));
  const options = { now: parts.clock.now(), include: request.query.get('includeObject') ?? 'Metadata' };
  return answer(tableOf(request.resource, page.items, listMetadata(page), options));
}

function watchObjects(parts: ApiParts, request: ResourceRequest): ApiResponse {
  const { resource, query } = request;
  checkListOptions(query, true);
  if (!wantsTable(request.request)) {
    return watch(parts.store.table, parts.clock, request, presentFor(request.request));
  }
  return watch(parts.store.table, parts.clock, request, (stored) =>
    tableOf(
      resource,
      [stored],
      { resourceVersion: stored.object.metadata.resourceVersion },
      {
        now: parts.clock.now(),
        include: query.get('includeObject') ?? 'Metadata',
      },
    ),
  );
}

const verbs: Record<Verb, (parts: ApiParts, request: ResourceRequest, user: User) => ApiResponse> = {
  get: getObject,
  list: listObjects,
  watch: watchObjects,
  create: createObject,
  update: replaceObject,
  patch: patchObject,
  delete: deleteObject,
  deletecollection: deleteCollection,
};

function serve(parts: ApiParts, request: ResourceRequest, user: User): ApiResponse {
  const { subresource, verb, resource } = request;
  if (subresource !== undefined && !subresourceVerbs(subresource).includes(verb)) throw methodNotAllowed();
  if (subresource === 'scale') return scale(parts, request, user);
  if (subresource === 'log') return logs(parts, request);
  if (subresource === 'finalize' && resource.kind !== 'Namespace') throw noSuchPath();
  return verbs[verb](parts, request, user);
}

/** Only JSON is spoken here. @throws ApiError 406 */
function checkAccepted({ headers }: ApiRequest): void {
  const wanted = headers['accept'] ?? '*/*';
  const isJson = wanted.split(',').some((one) => /^\s*(\*\/\*|application\/(json|\*))\s*(;|$)/.test(one));
  if (isJson) return;
  const message = `406: Not Acceptable\n\nAvailable representations: application/json (asked for ${wanted})`;
  throw new ApiError(406, 'NotAcceptable', message, {});
}

const health = new Set(['/healthz', '/livez', '/readyz']);

function serveFixed(parts: Pick<ApiParts, 'resources'>, request: ApiRequest): ApiResponse | undefined {
  const { pathname } = new URL(request.url, 'https://cluster');
  if (pathname === '/version') return answer(versionInfo);
  if (health.has(pathname)) return { status: 200, headers: { 'content-type': 'text/plain' }, body: 'ok' };
  return discover(request, parts.resources) ?? describeApi(request, parts.resources);
}

/** Whatever isn't a refusal of ours is a fault of this server, and said so. */
function failureAnswer(error: unknown): ApiResponse {
  if (error instanceof ApiError) return errorAnswer(error);
  if (error instanceof URIError) return errorAnswer(badRequest('the path is not well-formed'));
  console.error('the simulated cluster failed', error);
  return errorAnswer(new ApiError(500, 'InternalError', 'Internal error occurred: the simulated cluster failed'));
}

/** The Kubernetes API over a store, without any socket: a request goes in, an answer or a stream comes out. */
export function createApiServer(given: ApiServerParts): ApiServer {
  const parts = { ...given, pages: new Pages() };
  let rules: readonly FaultRule[] = [];
  const delay = (milliseconds: number): Promise<void> =>
    new Promise((resolve) => {
      parts.clock.after(milliseconds, resolve);
    });

  const answerTo = async (request: ApiRequest): Promise<ApiResponse> => {
    const user = authenticate(parts, request);
    const fixed = serveFixed(parts, request);
    if (fixed !== undefined) return fixed;
    checkAccepted(request);
    const wanted = parseResourceRequest(request, parts.resources);
    for (const fault of faultsFor(rules, wanted.verb, wanted.resource.plural, parts.random)) {
      if (fault.kind === 'refuse') throw fault.error;
      if (fault.kind === 'cut') return { ...errorAnswer(noSuchPath()), isCut: true };
      await delay(fault.milliseconds);
    }
    return withWebhooks((webhookAnswers) => serve({ ...parts, webhookAnswers }, wanted, user));
  };

  return {
    handle: async (request) => {
      try {
        return await answerTo(request);
      } catch (error) {
        return failureAnswer(error);
      }
    },
    setFaults(faults) {
      rules = faults;
    },
  };
}
