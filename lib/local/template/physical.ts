import type { CloudFormationResource } from './template-file.ts';

/** The account and region that everything local is named in. */
export const local = { account: '000000000000', region: 'us-east-1', partition: 'aws' } as const;

/** How a type of resource is named: the property with its name, its ARN, and what `Ref` gives. */
interface Naming {
  name?: string;
  arn: (name: string) => string;
  ref?: 'name' | 'arn' | 'url';
}

const arn = (service: string, rest: string): string =>
  `arn:${local.partition}:${service}:${local.region}:${local.account}:${rest}`;

const namings: Readonly<Record<string, Naming>> = {
  'AWS::DynamoDB::Table': { name: 'TableName', arn: (name) => arn('dynamodb', `table/${name}`) },
  'AWS::DynamoDB::GlobalTable': { name: 'TableName', arn: (name) => arn('dynamodb', `table/${name}`) },
  'AWS::Lambda::Function': { name: 'FunctionName', arn: (name) => arn('lambda', `function:${name}`) },
  'AWS::Lambda::LayerVersion': { name: 'LayerName', arn: (name) => arn('lambda', `layer:${name}:1`), ref: 'arn' },
  'AWS::StepFunctions::StateMachine': {
    name: 'StateMachineName',
    arn: (name) => arn('states', `stateMachine:${name}`),
    ref: 'arn',
  },
  'AWS::Events::EventBus': { name: 'Name', arn: (name) => arn('events', `event-bus/${name}`) },
  'AWS::Events::Rule': { name: 'Name', arn: (name) => arn('events', `rule/${name}`) },
  'AWS::Scheduler::Schedule': { name: 'Name', arn: (name) => arn('scheduler', `schedule/default/${name}`) },
  'AWS::Scheduler::ScheduleGroup': {
    name: 'Name',
    arn: (name) => arn('scheduler', `schedule-group/${name}`),
  },
  'AWS::SQS::Queue': { name: 'QueueName', arn: (name) => arn('sqs', name), ref: 'url' },
  'AWS::IAM::Role': {
    name: 'RoleName',
    arn: (name) => `arn:${local.partition}:iam::${local.account}:role/${name}`,
  },
  'AWS::Logs::LogGroup': { name: 'LogGroupName', arn: (name) => arn('logs', `log-group:${name}:*`) },
};

/** Everything of a resource that others may refer to. */
export interface Physical {
  name: string;
  ref: string;
  attributes: Readonly<Record<string, string>>;
}

/** What others refer to a resource by, once its name is known: the one the template gives it, or its logical id. */
export function nameResource(resource: CloudFormationResource, name: string): Physical {
  const naming = namings[resource.Type];
  if (!naming) return { name, ref: name, attributes: {} };
  const arn = naming.arn(name);
  const url = `https://sqs.${local.region}.amazonaws.com/${local.account}/${name}`;
  return {
    name,
    ref: { name, arn, url }[naming.ref ?? 'name'],
    attributes: { Arn: arn, Name: name, QueueName: name, QueueUrl: url },
  };
}

/** The property that holds a resource's own name, where the type has one. */
export const nameProperty = (type: string): string | undefined => namings[type]?.name;
