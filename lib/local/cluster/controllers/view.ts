import * as z from 'zod';
import type { KubernetesObject } from '../../../../lambdas/domain/kubernetes-object.ts';

/** A field that may be left out or null, as the API allows everywhere, and what then holds. */
export const orElse = <Value>(schema: z.ZodType<Value>, value: Value): z.ZodType<Value> =>
  schema.nullish().transform((given) => given ?? value);

const StringMap = orElse(z.record(z.string(), z.string()), {});
export type StringMap = Record<string, string>;

export const Metadata = z.object({
  name: orElse(z.string(), ''),
  namespace: orElse(z.string(), ''),
  uid: orElse(z.string(), ''),
  generation: orElse(z.number(), 0),
  creationTimestamp: orElse(z.string(), ''),
  deletionTimestamp: z.string().nullish(),
  labels: StringMap,
  annotations: StringMap,
  finalizers: orElse(z.array(z.string()), []),
});

const SelectorRule = z.object({ key: z.string(), operator: z.string(), values: orElse(z.array(z.string()), []) });
export const Selector = z.object({ matchLabels: StringMap, matchExpressions: orElse(z.array(SelectorRule), []) });
export type Selector = z.infer<typeof Selector>;
export const everything: Selector = { matchLabels: {}, matchExpressions: [] };

export const Condition = z.looseObject({
  type: z.string(),
  status: z.string(),
  reason: z.string().optional(),
  message: z.string().optional(),
  lastTransitionTime: z.string().nullish(),
  lastUpdateTime: z.string().nullish(),
});
export type Condition = z.infer<typeof Condition>;
export const Conditions = orElse(z.array(Condition), []);

/** A number or a share of one, such as maxSurge. */
export const IntOrPercent = z.union([z.number(), z.string()]);
export type IntOrPercent = z.infer<typeof IntOrPercent>;

export const PodTemplate = z.object({
  metadata: orElse(z.object({ labels: StringMap, annotations: StringMap }), { labels: {}, annotations: {} }),
  spec: z.record(z.string(), z.unknown()),
});
export type PodTemplate = z.infer<typeof PodTemplate>;

export const count = orElse(z.number(), 0);
export { StringMap as StringMapSchema };

/** What a controller sees of an object: the fields it reads, with the API's defaults filled in, and the object itself to write on. */
export type Viewed<Schema extends z.ZodType<object>> = z.output<Schema> & { raw: KubernetesObject };

/**
 * A reader of objects of one kind. Stored objects never change, so each is read once.
 * @throws ZodError where a field has a wrong type
 */
export function viewOf<Schema extends z.ZodType<object>>(schema: Schema): (object: KubernetesObject) => Viewed<Schema> {
  const seen = new WeakMap<KubernetesObject, Viewed<Schema>>();
  return (object) => {
    const known = seen.get(object);
    if (known !== undefined) return known;
    const viewed = { ...schema.parse(object), raw: object };
    seen.set(object, viewed);
    return viewed;
  };
}
