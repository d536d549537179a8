import * as z from 'zod';
import { Duration } from './duration.ts';
import { Json } from './staging.ts';

const RelativeDirectory = z
  .string()
  .regex(/^\.\/[A-Za-z0-9._/-]+$/, 'must be a folder beside blueprint.yaml, such as "./chart"')
  .refine((path) => !path.split('/').includes('..'), 'must not leave the blueprint folder');

const HelmLocal = z.strictObject({ chart: RelativeDirectory });
const HelmRemote = z.strictObject({
  repository: z.string().regex(/^(https|oci):\/\/\S+$/, 'must begin with https:// or oci://'),
  chart: z
    .string()
    .regex(
      /^[A-Za-z0-9][A-Za-z0-9._-]*(\/[A-Za-z0-9][A-Za-z0-9._-]*)*$/,
      'must be the name of a chart in the repository',
    ),
  version: z.string().min(1),
});

/** How the product is described: exactly one of the three. */
export const BlueprintSource = z.union(
  [
    z.strictObject({ helm: z.union([HelmLocal, HelmRemote]) }),
    z.strictObject({ kustomize: RelativeDirectory }),
    z.strictObject({ manifests: RelativeDirectory }),
  ],
  'must have exactly one of helm, kustomize and manifests',
);
export type BlueprintSource = z.infer<typeof BlueprintSource>;

/**
 * Where a value goes: a dotted path into the chart's values; a path into one rendered object (RFC 6901 JSON pointer); or
 * the tag of every container image with that name.
 */
export const Target = z.union(
  [
    z.strictObject({ values: z.string().min(1) }),
    z.strictObject({
      object: z.string().regex(/^[A-Za-z][A-Za-z0-9-]*\/[a-z0-9.-]+$/, 'must be Kind/name'),
      path: z.string().startsWith('/', 'must be a JSON pointer such as "/spec/replicas"'),
    }),
    z.strictObject({ imageTag: z.string().min(1).describe('image name without tag') }),
  ],
  'must have exactly one of values, object with path, and imageTag',
);
export type Target = z.infer<typeof Target>;

/** One thing that a request may set. */
export const BlueprintInput = z.strictObject({
  type: z.enum(['string', 'integer', 'number', 'boolean', 'object', 'array']),
  description: z.string().min(1),
  default: Json.optional(),
  required: z.boolean().default(false),
  enum: z.array(Json).min(1).optional(),
  pattern: z.string().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  maxLength: z.int().positive().optional(),
  to: z.array(Target).min(1),
});
export type BlueprintInput = z.infer<typeof BlueprintInput>;

const Link = z.strictObject({
  title: z.string().min(1),
  path: z.string().startsWith('/').default('/'),
});

const Probe = z.strictObject({
  path: z.string().startsWith('/'),
  status: z.int().min(100).max(599).default(200),
});

/** CPU, memory and the like, as Kubernetes writes quantities. */
const Quantity = z
  .string()
  .regex(/^\d+(\.\d+)?(m|k|Ki|M|Mi|G|Gi|T|Ti)?$/, 'must be a Kubernetes quantity such as "500m" or "2Gi"');

const minutes = (count: number): number => count * 60_000;
const days = (count: number): number => minutes(count * 24 * 60);

const InputName = z.string().regex(/^[a-zA-Z][a-zA-Z0-9]*$/, 'must be letters and digits, with a letter first');

/** What takes longer would be ended by its execution's own time limit, which doesn't know what was waited for. */
const longestDeploy = minutes(50);

/** blueprint.yaml */
export const Blueprint = z.strictObject({
  name: z.string().regex(/^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/, 'must be a DNS label of at most 40 characters'),
  description: z.string().min(1),
  cluster: z.string().min(1).optional().describe('EKS cluster; the installation’s first one where absent'),
  source: BlueprintSource,
  inputs: z.record(InputName, BlueprintInput).default({}),
  values: z
    .enum(['inputs', 'any'])
    .default('inputs')
    .describe('"any" lets a request set chart values that are no input'),
  defaults: z.record(z.string(), Json).default({}).describe('chart values of this blueprint, by dotted key'),
  host: z.array(Target).default([]).describe('where the staging’s host name goes'),
  links: z.array(Link).default([{ title: 'Open', path: '/' }]),
  health: z
    .strictObject({
      timeout: Duration.refine(
        (time) => time <= longestDeploy,
        'must be at most 50m: an execution ends after an hour',
      ).default(minutes(10)),
      unschedulableGrace: Duration.default(minutes(3)).describe('time for an autoscaler to add a node'),
      probes: z.array(Probe).default([]),
    })
    .prefault({}),
  lifetime: z
    .strictObject({
      ttl: Duration.default(days(3)),
      maxTtl: Duration.default(days(14)),
      warnBefore: Duration.default(minutes(240)),
      onExpiry: z.enum(['delete', 'archive']).default('delete'),
      archiveRetention: Duration.default(days(30)),
    })
    .prefault({}),
  limits: z
    .strictObject({
      cpu: Quantity.default('4'),
      memory: Quantity.default('8Gi'),
      pods: z.int().positive().default(50),
      storage: Quantity.default('50Gi'),
    })
    .prefault({}),
  caps: z
    .strictObject({
      total: z.int().positive().optional(),
      perOwner: z.int().positive().optional(),
      whenFull: z.enum(['refuse', 'archive-idlest']).default('refuse'),
    })
    .prefault({}),
  clusterScoped: z.array(z.string()).default([]).describe('cluster-scoped kinds that this blueprint may apply'),
});
export type Blueprint = z.infer<typeof Blueprint>;
