import * as z from 'zod';
import { isRefusal } from './errors.ts';
import type { Transport } from './transport.ts';

/** A kind that the cluster serves. */
export interface ApiResource {
  apiVersion: string;
  kind: string;
  plural: string;
  namespaced: boolean;
}

const ResourceList = z.object({
  resources: z.array(z.object({ name: z.string(), kind: z.string(), namespaced: z.boolean() })),
});

const Group = z.object({ preferredVersion: z.object({ groupVersion: z.string() }) });

/** What the cluster serves, asked per group and version and kept. */
export interface Discovery {
  /** Undefined where the cluster doesn't serve the kind. */
  find(apiVersion: string, kind: string): Promise<ApiResource | undefined>;
  /** A kind by the plural and group that the API server's messages use; undefined where it isn't served. */
  findPlural(group: string, plural: string): Promise<ApiResource | undefined>;
  /** Everything known is asked again: a definition was just applied or removed. */
  forget(): void;
}

export const rootOf = (apiVersion: string): string =>
  apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;

export function createDiscovery(transport: Transport): Discovery {
  const known = new Map<string, Promise<ReadonlyMap<string, ApiResource>>>();
  async function ask(apiVersion: string): Promise<ReadonlyMap<string, ApiResource>> {
    try {
      const { resources } = ResourceList.parse(await transport.json({ method: 'GET', path: rootOf(apiVersion) }));
      return new Map(
        resources
          .filter(({ name }) => !name.includes('/'))
          .map(({ name, kind, namespaced }) => [kind, { apiVersion, kind, plural: name, namespaced }]),
      );
    } catch (error) {
      if (isRefusal(error, 404)) return new Map();
      throw error;
    }
  }
  async function kindsOf(apiVersion: string): Promise<ReadonlyMap<string, ApiResource>> {
    const asked = known.get(apiVersion) ?? ask(apiVersion);
    known.set(apiVersion, asked);
    return asked.catch((error: unknown) => {
      known.delete(apiVersion);
      throw error;
    });
  }
  return {
    async find(apiVersion, kind) {
      const found = (await kindsOf(apiVersion)).get(kind);
      // What isn't served now may be, once somebody installs it: only answers that help are kept.
      if (!found) known.delete(apiVersion);
      return found;
    },
    async findPlural(group, plural) {
      const apiVersion =
        group === ''
          ? 'v1'
          : Group.parse(await transport.json({ method: 'GET', path: `/apis/${group}` })).preferredVersion.groupVersion;
      return [...(await kindsOf(apiVersion)).values()].find((resource) => resource.plural === plural);
    },
    forget: () => known.clear(),
  };
}
