import * as z from 'zod';

/** A table as `CreateTable` takes it. */
export const TablePart = z.object({
  TableName: z.string(),
  KeySchema: z.array(z.object({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) })),
  AttributeDefinitions: z.array(z.object({ AttributeName: z.string(), AttributeType: z.enum(['S', 'N', 'B']) })),
  GlobalSecondaryIndexes: z
    .array(
      z.object({
        IndexName: z.string(),
        KeySchema: z.array(z.object({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) })),
        Projection: z.object({
          ProjectionType: z.enum(['ALL', 'KEYS_ONLY', 'INCLUDE']),
          NonKeyAttributes: z.array(z.string()).optional(),
        }),
      }),
    )
    .optional(),
});
export type TablePart = z.infer<typeof TablePart>;

/** What happens to an asynchronous invocation that fails. */
export interface AsyncPolicy {
  retries: number;
  /** ARN of the queue for what failed in the end */
  deadLetterArn?: string;
}

export interface FunctionPart {
  name: string;
  arn: string;
  /** absolute path of the unpacked code */
  directory: string;
  /** such as `index.handler` */
  handler: string;
  environment: Readonly<Record<string, string>>;
  timeoutSeconds: number;
  memoryMegabytes: number;
  /** undefined where the account's pool is the limit */
  reservedConcurrency?: number;
  async: AsyncPolicy;
}

export interface RoutePart {
  /** undefined for `$default` */
  method: string | undefined;
  /** `/v1/stagings/{name}`; undefined for `$default` */
  path: string | undefined;
  routeKey: string;
  functionArn: string;
  authorization: string;
  timeoutMilliseconds: number;
}

export interface StateMachinePart {
  name: string;
  arn: string;
  roleArn: string;
  /** Amazon States Language, all substitutions filled in */
  definition: string;
}

export const Target = z.looseObject({
  Arn: z.string(),
  Id: z.string().optional(),
  Input: z.string().optional(),
  InputPath: z.string().optional(),
  InputTransformer: z
    .object({ InputPathsMap: z.record(z.string(), z.string()).default({}), InputTemplate: z.string() })
    .optional(),
  RetryPolicy: z
    .looseObject({ MaximumRetryAttempts: z.number().optional(), MaximumEventAgeInSeconds: z.number().optional() })
    .optional(),
  DeadLetterConfig: z.looseObject({ Arn: z.string().optional() }).optional(),
});
export type Target = z.infer<typeof Target>;

export interface RulePart {
  name: string;
  /** name of the bus that it listens on */
  bus: string;
  pattern?: unknown;
  scheduleExpression?: string;
  enabled: boolean;
  targets: readonly Target[];
}

export interface SchedulePart {
  name: string;
  /** `rate(5 minutes)`, `cron(…)`, `at(…)` */
  expression: string;
  timezone: string;
  enabled: boolean;
  target: Target;
}

export interface BusPart {
  name: string;
  arn: string;
}

/** All of a synthesized stack that runs here. */
export interface HostedParts {
  tables: readonly TablePart[];
  functions: readonly FunctionPart[];
  routes: readonly RoutePart[];
  stateMachines: readonly StateMachinePart[];
  buses: readonly BusPart[];
  rules: readonly RulePart[];
  schedules: readonly SchedulePart[];
}
