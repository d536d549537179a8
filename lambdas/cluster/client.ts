import * as z from 'zod';
import { KubernetesObject } from '../domain/kubernetes-object.ts';
import { fieldManager } from '../domain/markers.ts';
import type { ObjectRef } from '../domain/object-ref.ts';
import type { Connection } from './connection.ts';
import { ClusterBusy, isRefusal, KubernetesError } from './errors.ts';
import { type ApiResource, createDiscovery, type Discovery, rootOf } from './resources.ts';
import { createTransport, type Pauses } from './transport.ts';
import { type WatchEvent, watchResource } from './watch.ts';

/** What to list or watch of one kind. */
export interface Selection {
  namespace?: string | undefined;
  labelSelector?: string | undefined;
  fieldSelector?: string | undefined;
  /** names, labels and annotations only: no contents, such as those of Secrets */
  metadataOnly?: boolean;
}

export interface ObjectList {
  objects: KubernetesObject[];
  resourceVersion: string;
}

export interface Removal {
  /** removes this very object, never one of the same name that came after it */
  uid?: string | undefined;
  /** removes it as it was read, never as somebody has made it since */
  resourceVersion?: string | undefined;
  propagation?: 'Background' | 'Foreground' | 'Orphan';
}

export interface LogQuery {
  container: string;
  tailLines: number;
  /** the container's life before this one */
  previous?: boolean;
}

/**
 * The API server in Berth's words. Absent is undefined, never an error.
 * @throws KubernetesError where it refuses, ClusterBusy, ClusterUnreachable
 */
export interface KubernetesClient {
  discovery: Discovery;
  get(ref: ObjectRef): Promise<KubernetesObject | undefined>;
  /** Every page of it. A kind that isn't served has no objects. */
  list(apiVersion: string, kind: string, selection?: Selection, signal?: AbortSignal): Promise<ObjectList>;
  /** Lists, then follows: a snapshot first and after every break, single changes between. */
  watch(apiVersion: string, kind: string, selection: Selection, signal: AbortSignal): AsyncIterable<WatchEvent>;
  create(object: KubernetesObject): Promise<KubernetesObject>;
  /** Server-side apply, strict, as the one owner of what is sent. */
  apply(object: KubernetesObject): Promise<KubernetesObject>;
  /**
   * Sets annotations of an object that is there, and answers with its metadata alone: what may be written but not read is
   * known by that.
   * @throws KubernetesError 409 where a version is named, and it is another
   */
  annotate(
    ref: ObjectRef,
    annotations: Record<string, string>,
    resourceVersion?: string,
  ): Promise<KubernetesObject | undefined>;
  /** False where it was gone already, or is another object by now. @throws KubernetesError 409 where its version is another */
  remove(ref: ObjectRef, removal?: Removal): Promise<boolean>;
  logs(namespace: string, pod: string, query: LogQuery): Promise<string>;
}

const List = z.object({
  metadata: z.object({ resourceVersion: z.string().default(''), continue: z.string().optional() }),
  items: z.array(z.unknown()).nullish(),
});

const nothing = (): ObjectList => ({ objects: [], resourceVersion: '' });

/** Objects per page: a page of large ConfigMaps stays within some megabytes. */
const pageSize = 500;

const metadataList = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json';
const metadataAlone = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json';

/** Items of a list carry neither kind nor version: the list says it once. */
const itemOf = (item: unknown, { apiVersion, kind }: ApiResource): KubernetesObject =>
  KubernetesObject.parse({ ...z.record(z.string(), z.unknown()).parse(item), apiVersion, kind });

function pathOf({ apiVersion, plural, namespaced }: ApiResource, namespace: string | undefined, name?: string): string {
  const scope = namespaced && namespace !== undefined ? `/namespaces/${namespace}` : '';
  return `${rootOf(apiVersion)}${scope}/${plural}${name === undefined ? '' : `/${encodeURIComponent(name)}`}`;
}

/** @param pauses between tries; as long as a control plane needs where absent */
export function createClient(connection: Connection, pauses?: Pauses): KubernetesClient {
  const transport = createTransport(connection, pauses);
  const discovery = createDiscovery(transport);

  async function served(apiVersion: string, kind: string): Promise<ApiResource> {
    const resource = await discovery.find(apiVersion, kind);
    if (resource) return resource;
    throw new KubernetesError(404, 'NotFound', `the cluster doesn't serve kind ${kind} of ${apiVersion}`, []);
  }
  const written = async (object: KubernetesObject): Promise<[ApiResource, string]> => {
    const { name } = object.metadata;
    if (name === undefined) throw new KubernetesError(422, 'Invalid', 'metadata.name is missing', []);
    return [await served(object.apiVersion, object.kind), name];
  };

  async function page(resource: ApiResource, selection: Selection, token: string | undefined, signal?: AbortSignal) {
    const { namespace, labelSelector, fieldSelector, metadataOnly } = selection;
    const answer = await transport.json({
      method: 'GET',
      path: pathOf(resource, namespace),
      query: { labelSelector, fieldSelector, limit: pageSize, continue: token },
      ...(metadataOnly ? { accept: metadataList } : {}),
      signal,
    });
    const found = List.safeParse(answer);
    if (found.success) return found.data;
    throw new ClusterBusy(`the cluster's answer is no list of ${resource.plural}`);
  }
  /** A list of many pages may take longer than its first page is remembered: then it begins anew, once. */
  async function list(resource: ApiResource, selection: Selection, signal?: AbortSignal): Promise<ObjectList> {
    try {
      return await pages(resource, selection, signal);
    } catch (error) {
      if (!isRefusal(error, 410)) throw error;
      return pages(resource, selection, signal);
    }
  }
  async function pages(resource: ApiResource, selection: Selection, signal?: AbortSignal): Promise<ObjectList> {
    const objects: KubernetesObject[] = [];
    let token: string | undefined;
    do {
      const { metadata, items } = await page(resource, selection, token, signal);
      objects.push(...(items ?? []).map((item) => itemOf(item, resource)));
      token = metadata.continue === '' ? undefined : metadata.continue;
      if (token === undefined) return { objects, resourceVersion: metadata.resourceVersion };
    } while (token !== undefined);
    return { objects, resourceVersion: '' };
  }

  return {
    discovery,
    async get(ref) {
      const resource = await discovery.find(ref.apiVersion, ref.kind);
      if (!resource) return undefined;
      try {
        const path = pathOf(resource, ref.namespace, ref.name);
        return KubernetesObject.parse(await transport.json({ method: 'GET', path }));
      } catch (error) {
        if (isRefusal(error, 404)) return undefined;
        throw error;
      }
    },
    async list(apiVersion, kind, selection = {}, signal) {
      const resource = await discovery.find(apiVersion, kind);
      if (!resource) return nothing();
      try {
        return await list(resource, selection, signal);
      } catch (error) {
        // What was served when it was looked up may be no more: its definition is gone, and all objects with it.
        if (!isRefusal(error, 404)) throw error;
        discovery.forget();
        if (await discovery.find(apiVersion, kind)) throw error;
        return nothing();
      }
    },
    async *watch(apiVersion, kind, selection, signal) {
      const resource = await served(apiVersion, kind);
      yield* watchResource(
        {
          list: () => list(resource, selection, signal),
          follow: (resourceVersion) =>
            transport.stream({
              method: 'GET',
              path: pathOf(resource, selection.namespace),
              query: {
                labelSelector: selection.labelSelector,
                fieldSelector: selection.fieldSelector,
                watch: true,
                allowWatchBookmarks: true,
                resourceVersion,
              },
              signal,
            }),
        },
        signal,
      );
    },
    async create(object) {
      const [resource] = await written(object);
      const path = pathOf(resource, object.metadata.namespace);
      const query = { fieldManager, fieldValidation: 'Strict' };
      return KubernetesObject.parse(await transport.json({ method: 'POST', path, query, body: object }));
    },
    async apply(object) {
      const [resource, name] = await written(object);
      const answer = await transport.json({
        method: 'PATCH',
        path: pathOf(resource, object.metadata.namespace, name),
        query: { fieldManager, force: true, fieldValidation: 'Strict' },
        body: object,
        contentType: 'application/apply-patch+yaml',
      });
      return KubernetesObject.parse(answer);
    },
    async annotate(ref, annotations, resourceVersion) {
      const resource = await discovery.find(ref.apiVersion, ref.kind);
      if (!resource) return undefined;
      try {
        const answer = await transport.json({
          method: 'PATCH',
          path: pathOf(resource, ref.namespace, ref.name),
          query: { fieldManager },
          body: { metadata: { resourceVersion, annotations } },
          contentType: 'application/merge-patch+json',
          accept: metadataAlone,
        });
        return itemOf(answer, resource);
      } catch (error) {
        if (isRefusal(error, 404)) return undefined;
        throw error;
      }
    },
    async remove(ref, { uid, resourceVersion, propagation = 'Background' } = {}) {
      const resource = await discovery.find(ref.apiVersion, ref.kind);
      if (!resource) return false;
      try {
        await transport.json({
          method: 'DELETE',
          path: pathOf(resource, ref.namespace, ref.name),
          body: {
            apiVersion: 'v1',
            kind: 'DeleteOptions',
            propagationPolicy: propagation,
            ...(uid === undefined && resourceVersion === undefined ? {} : { preconditions: { uid, resourceVersion } }),
          },
        });
        return true;
      } catch (error) {
        const isAnother = uid !== undefined && resourceVersion === undefined && isRefusal(error, 409);
        if (isRefusal(error, 404) || isAnother) return false;
        throw error;
      }
    },
    async logs(namespace, pod, { container, tailLines, previous }) {
      const path = `/api/v1/namespaces/${namespace}/pods/${encodeURIComponent(pod)}/log`;
      return transport.text({ method: 'GET', path, query: { container, tailLines, previous }, accept: '*/*' });
    },
  };
}
