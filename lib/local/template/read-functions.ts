import * as z from 'zod';
import type { AsyncPolicy, FunctionPart } from './parts.ts';
import { TemplateRefused } from './resolve.ts';
import type { OfType, ResolvedResource } from './resolved-resource.ts';
import type { TemplateFile } from './template-file.ts';

const Function = z.object({
  Code: z.object({ S3Key: z.string() }),
  Handler: z.string(),
  Runtime: z.string().startsWith('nodejs', 'only Node.js functions run here'),
  Environment: z.object({ Variables: z.record(z.string(), z.coerce.string()) }).optional(),
  // The defaults are Lambda's own.
  Timeout: z.number().default(3),
  MemorySize: z.number().default(128),
  ReservedConcurrentExecutions: z.number().optional(),
  DeadLetterConfig: z.object({ TargetArn: z.string() }).optional(),
});

const InvokeConfig = z.object({
  FunctionName: z.string(),
  MaximumRetryAttempts: z.number().optional(),
  DestinationConfig: z.object({ OnFailure: z.object({ Destination: z.string() }).optional() }).optional(),
});

/** The functions of the template, each with its code as the assets manifest places it. */
export function readFunctions(ofType: OfType, file: Pick<TemplateFile, 'asset'>): FunctionPart[] {
  const configs = ofType('AWS::Lambda::EventInvokeConfig').map(({ properties }) => InvokeConfig.parse(properties));
  return ofType('AWS::Lambda::Function').map((resource) =>
    readFunction(
      resource,
      configs.find((config) => config.FunctionName === resource.name || config.FunctionName === resource.arn),
      file,
    ),
  );
}

function readFunction(
  { logicalId, name, arn, properties }: ResolvedResource,
  config: z.infer<typeof InvokeConfig> | undefined,
  file: Pick<TemplateFile, 'asset'>,
): FunctionPart {
  const parsed = Function.safeParse(properties);
  if (!parsed.success) throw new TemplateRefused(`function ${logicalId}: ${z.prettifyError(parsed.error)}`);
  const given = parsed.data;
  const directory = file.asset(given.Code.S3Key);
  if (directory === undefined) throw new TemplateRefused(`the code of ${logicalId} is no asset of this assembly`);
  const deadLetterArn = config?.DestinationConfig?.OnFailure?.Destination ?? given.DeadLetterConfig?.TargetArn;
  const async: AsyncPolicy = {
    retries: config?.MaximumRetryAttempts ?? 2,
    ...(deadLetterArn === undefined ? {} : { deadLetterArn }),
  };
  return {
    name,
    arn,
    directory,
    handler: given.Handler,
    environment: given.Environment?.Variables ?? {},
    timeoutSeconds: given.Timeout,
    memoryMegabytes: given.MemorySize,
    async,
    ...(given.ReservedConcurrentExecutions === undefined
      ? {}
      : { reservedConcurrency: given.ReservedConcurrentExecutions }),
  };
}
