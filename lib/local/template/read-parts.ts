import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { type BusPart, type HostedParts, type RulePart, type SchedulePart, TablePart, Target } from './parts.ts';
import { readFunctions } from './read-functions.ts';
import { readRoutes } from './read-routes.ts';
import { createResolver, type Resolver, TemplateRefused } from './resolve.ts';
import type { OfType, ResolvedResource } from './resolved-resource.ts';
import { readTemplateFile, type TemplateFile } from './template-file.ts';

/** Types that need no counterpart here: rights, logs, observation, and parts that others are read with. */
const withoutEffect =
  /^AWS::(IAM|Logs|CloudWatch|KMS|EC2|EKS|SNS|SQS|XRay|CDK|ApplicationInsights|Scheduler::ScheduleGroup|ApiGatewayV2::(Api|Stage|Integration|Authorizer)|Lambda::(Permission|LayerVersion|EventInvokeConfig)|Events::EventBusPolicy)/;

const hosted: ReadonlySet<string> = new Set([
  'AWS::DynamoDB::Table',
  'AWS::DynamoDB::GlobalTable',
  'AWS::Lambda::Function',
  'AWS::ApiGatewayV2::Route',
  'AWS::StepFunctions::StateMachine',
  'AWS::Events::EventBus',
  'AWS::Events::Rule',
  'AWS::Scheduler::Schedule',
]);

/**
 * Reads a synthesized stack into the parts that run here. The names of its tables get `tableSuffix`.
 * @throws TemplateRefused where it holds a resource, an intrinsic or a value that this host doesn't know
 */
export async function readParts(assembly: string, stackName: string, tableSuffix = ''): Promise<HostedParts> {
  const file = await readTemplateFile(assembly, stackName);
  for (const [logicalId, { Type }] of Object.entries(file.resources)) {
    if (!hosted.has(Type) && !withoutEffect.test(Type)) {
      throw new TemplateRefused(`${logicalId} is of type ${Type}, which the local host does not know`);
    }
  }
  const ofType = selectFrom(file, createResolver(file, tableSuffix));
  return {
    tables: ofType('AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable').map(readTable),
    functions: readFunctions(ofType, file),
    routes: readRoutes(ofType),
    stateMachines: await Promise.all(
      ofType('AWS::StepFunctions::StateMachine').map(async (resource) => ({
        name: resource.name,
        arn: resource.arn,
        roleArn: Definition.parse(resource.properties).RoleArn,
        definition: await readDefinition(resource, file),
      })),
    ),
    buses: readBuses(ofType),
    rules: ofType('AWS::Events::Rule').map(readRule),
    schedules: ofType('AWS::Scheduler::Schedule').map(readSchedule),
  };
}

function selectFrom(file: TemplateFile, resolver: Resolver): OfType {
  return (...types) =>
    Object.entries(file.resources)
      .filter(([, resource]) => types.includes(resource.Type))
      .map(([logicalId, resource]) => {
        const { name, attributes } = resolver.physical(logicalId);
        return { logicalId, name, arn: attributes['Arn'] ?? '', properties: resolver.resolve(resource.Properties) };
      });
}

const readTable = ({ name, properties }: ResolvedResource): TablePart =>
  TablePart.parse({ ...z.looseObject({}).parse(properties), TableName: name });

const readBuses = (ofType: OfType): BusPart[] =>
  ofType('AWS::Events::EventBus').map(({ name, arn }) => ({ name, arn }));

const Definition = z.object({
  RoleArn: z.string().default(''),
  DefinitionString: z.string().optional(),
  Definition: z.unknown().optional(),
  DefinitionS3Location: z.object({ Key: z.string() }).optional(),
  DefinitionSubstitutions: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
});

async function readDefinition({ logicalId, properties }: ResolvedResource, file: TemplateFile): Promise<string> {
  const given = Definition.parse(properties);
  const text = given.DefinitionString ?? (await assetText(given.DefinitionS3Location?.Key, file));
  const definition = text ?? JSON.stringify(given.Definition);
  if (definition === undefined) throw new TemplateRefused(`state machine ${logicalId} has no definition`);
  return definition.replace(/\$\{(\w+)\}/g, (_whole, name: string) => {
    const value = given.DefinitionSubstitutions[name];
    if (value === undefined) throw new TemplateRefused(`state machine ${logicalId} has no substitution for ${name}`);
    return JSON.stringify(String(value)).slice(1, -1);
  });
}

async function assetText(key: string | undefined, file: TemplateFile): Promise<string | undefined> {
  if (key === undefined) return undefined;
  const path = file.asset(key);
  if (path === undefined) throw new TemplateRefused(`there is no asset ${key}`);
  return readFile(path, 'utf8');
}

const Rule = z.object({
  EventBusName: z.string().default('default'),
  EventPattern: z.unknown().optional(),
  ScheduleExpression: z.string().optional(),
  State: z.string().default('ENABLED'),
  Targets: z.array(Target).default([]),
});

function readRule({ name, properties }: ResolvedResource): RulePart {
  const rule = Rule.parse(properties);
  return {
    name,
    bus: rule.EventBusName.split('/').at(-1) ?? rule.EventBusName,
    ...(rule.EventPattern === undefined ? {} : { pattern: rule.EventPattern }),
    ...(rule.ScheduleExpression === undefined ? {} : { scheduleExpression: rule.ScheduleExpression }),
    enabled: rule.State.startsWith('ENABLED'),
    targets: rule.Targets,
  };
}

const Schedule = z.object({
  ScheduleExpression: z.string(),
  ScheduleExpressionTimezone: z.string().default('UTC'),
  State: z.string().default('ENABLED'),
  Target,
});

function readSchedule({ name, properties }: ResolvedResource): SchedulePart {
  const schedule = Schedule.parse(properties);
  return {
    name,
    expression: schedule.ScheduleExpression,
    timezone: schedule.ScheduleExpressionTimezone,
    enabled: schedule.State === 'ENABLED',
    target: schedule.Target,
  };
}
