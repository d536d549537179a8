import * as z from 'zod';

const StringMap = z.record(z.string(), z.string());

/** Any Kubernetes object: what every kind has, and the rest untouched. */
export const KubernetesObject = z.looseObject({
  apiVersion: z.string().min(1),
  kind: z.string().min(1),
  metadata: z.looseObject({
    name: z.string().optional(),
    generateName: z.string().optional(),
    namespace: z.string().optional(),
    uid: z.string().optional(),
    resourceVersion: z.string().optional(),
    generation: z.number().optional(),
    creationTimestamp: z.string().nullish(),
    deletionTimestamp: z.string().optional(),
    finalizers: z.array(z.string()).optional(),
    labels: StringMap.nullish(),
    annotations: StringMap.nullish(),
    ownerReferences: z
      .array(z.looseObject({ apiVersion: z.string(), kind: z.string(), name: z.string(), uid: z.string() }))
      .optional(),
  }),
});
export type KubernetesObject = z.infer<typeof KubernetesObject>;

export const hookPhases = [
  'pre-install',
  'post-install',
  'pre-upgrade',
  'post-upgrade',
  'pre-delete',
  'post-delete',
] as const;
export type HookPhase = (typeof hookPhases)[number];

/** An object that runs at a moment of the deploy instead of being part of what stays. */
export interface Hook {
  object: KubernetesObject;
  phases: readonly HookPhase[];
  /** Lower runs first; same weight runs in order of kind, then name. */
  weight: number;
  /** When the hook's object is deleted. Helm's default is `before-hook-creation`. */
  deletePolicies: readonly ('before-hook-creation' | 'hook-succeeded' | 'hook-failed')[];
}

/** What a blueprint comes to for one staging: the objects that stay, and the hooks around them. */
export interface Workload {
  objects: readonly KubernetesObject[];
  hooks: readonly Hook[];
}

/** Kind/name, the form in which people and reasons speak of an object. */
export const describeObject = (object: KubernetesObject): string => `${object.kind}/${object.metadata.name ?? '?'}`;
