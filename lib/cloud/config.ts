import { Token } from 'aws-cdk-lib';
import type { Node } from 'constructs';
import * as z from 'zod';
import { issueSentence } from '../../lambdas/domain/issue-sentence.ts';

const listed = (value: unknown): unknown => (typeof value === 'string' ? value.split(',').filter(Boolean) : value);

/** A list, or what `--context key=a,b` gives: the same list in one string. */
const List = (item: z.ZodString) => z.preprocess(listed, z.array(item));

/** An id of AWS; or, in an app that makes the thing itself, what stands for it until there is one. */
const Id = (prefix: string) =>
  z.string().refine((id) => id.startsWith(prefix) || Token.isUnresolved(id), `must start with "${prefix}"`);

const Count = z.coerce.number().int();

/** Name of an installation: prefix of all that is made for it, in AWS and in the clusters. */
export const Installation = z
  .string()
  .regex(/^[a-z]([a-z0-9-]{0,28}[a-z0-9])?$/, 'must be a DNS label of at most 30 characters that begins with a letter')
  .refine((name) => name !== 'default', 'must not be "default": the account’s own event bus has that name');

const domain = /^(?!.*\.\.)[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/;

const Domain = z.string().regex(domain, 'must be a domain such as "staging.example.com"').max(240);

/** What links begin with: what a path or a query would mean under a staging's own host, nobody can say. */
const isOrigin = (text: string): boolean => {
  const url = URL.parse(text);
  return url !== null && url.href === `${url.origin}/` && domain.test(url.hostname);
};

const Namespace = z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'must be the name of a namespace');

/** Retention periods that CloudWatch Logs knows. */
const retentionDays = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 3653] as const;

const logLevels = ['DEBUG', 'INFO', 'WARN', 'ERROR'] as const;

/** What an installation is configured with: the keys of the CDK context that Berth reads, flat, so that `--context` can set each. */
export const Config = z
  .strictObject({
    installation: Installation.default('berth').describe('prefix of all names; one per account and region'),
    clusters: List(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/, 'must be the name of an EKS cluster'))
      .pipe(z.array(z.string()).min(1, 'must name at least one EKS cluster'))
      .refine((names) => new Set(names).size === names.length, 'must name each EKS cluster once')
      .describe('EKS clusters that stagings run on; the first is the default'),
    baseDomain: Domain.describe('a staging is one label under it'),
    publicBaseUrl: z
      .url({ protocol: /^https?$/, abort: true })
      .refine(isOrigin, 'must be no more than scheme, domain and port, such as "https://staging.example.com:8443"')
      .optional()
      .describe('https://<baseDomain> where absent'),
    ingressNamespace: Namespace.default('ingress-nginx').describe('where the ingress controller runs'),
    sweepBrake: Count.positive()
      .default(20)
      .describe('most stagings that one sweep ends without an operator’s approval'),
    reservedConcurrency: Count.positive().default(100).describe('most invocations that touch the clusters at once'),
    logLevel: z.enum(logLevels).default('INFO'),
    logRetentionDays: Count.pipe(z.literal(retentionDays)).default(90),
    throttleRate: Count.positive().default(50).describe('requests a second that the API takes'),
    throttleBurst: Count.positive().default(100).describe('requests at once that the API takes'),
    blueprintsDir: z.string().min(1).default('blueprints').describe('folder of the blueprints that are shipped'),
    subnetIds: List(Id('subnet-'))
      .default([])
      .describe('subnets of the function that reaches the clusters, where their endpoints are private'),
    securityGroupIds: List(Id('sg-')).default([]),
  })
  .refine(
    (config) => (config.subnetIds.length === 0) === (config.securityGroupIds.length === 0),
    'subnetIds and securityGroupIds belong together: give both or neither',
  )
  .transform((config) => ({ ...config, publicBaseUrl: config.publicBaseUrl ?? `https://${config.baseDomain}` }));
export type Config = z.infer<typeof Config>;

/** What may be given; everything but clusters and baseDomain has a default. */
export type ConfigInput = z.input<typeof Config>;

/** A configuration that nothing can be made of; the message has a line for each wrong key. */
export class ConfigInvalid extends Error {
  override readonly name = 'ConfigInvalid';
  constructor(problems: readonly string[]) {
    super(`the configuration is wrong:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
  }
}

/**
 * Fills in defaults.
 * @throws ConfigInvalid that names each wrong key
 */
export function parseConfig(input: unknown): Config {
  const parsed = Config.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new ConfigInvalid(
    parsed.error.issues.map((issue) => [...issue.path.map(String), issueSentence(issue)].join(': ')),
  );
}

/**
 * Reads the configuration from the CDK context (cdk.json, cdk.context.json, `--context key=value`).
 * @throws ConfigInvalid that names each wrong key
 */
export function readConfig(node: Node): Config {
  const keys = Object.keys(Config.in.shape);
  const given = keys.map((key): [string, unknown] => [key, node.tryGetContext(key)]);
  return parseConfig(Object.fromEntries(given.filter(([, value]) => value !== undefined && value !== '')));
}
