import { Fn } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { tableIndexes } from '../../../lambdas/domain/table-schema.ts';
import { apiRoutes, clusterRoutes } from '../../../lambdas/routes/api-routes.ts';
import {
  ApiSettings,
  ClusterSettings,
  milliseconds,
  RecordsSettings,
  SweepSettings,
} from '../../../lambdas/settings.ts';
import { definitions, tasksOf } from '../../statemachines/definitions.ts';
import { makeApp } from './synthesize.ts';

const template = Template.fromStack(makeApp({ clusters: ['one', 'two'], reservedConcurrency: 40 }).stack);

const Statement = z.looseObject({
  Effect: z.literal('Allow'),
  Action: z.union([z.string(), z.array(z.string())]).transform((action) => [action].flat()),
  Resource: z.unknown(),
  Condition: z.unknown().optional(),
});
const Policy = z.looseObject({
  Properties: z.looseObject({ PolicyDocument: z.looseObject({ Statement: z.array(Statement) }) }),
});
const policies = Object.entries(template.findResources('AWS::IAM::Policy')).map(
  ([id, resource]) => [id, Policy.parse(resource).Properties.PolicyDocument.Statement] as const,
);
const statementsOf = (owner: string) => policies.filter(([id]) => id.startsWith(owner)).flatMap(([, all]) => all);

const LambdaFunction = z.object({
  Properties: z.looseObject({
    FunctionName: z.string(),
    Timeout: z.number(),
    Environment: z.object({ Variables: z.record(z.string(), z.unknown()) }),
  }),
});
const functions = new Map(
  Object.values(template.findResources('AWS::Lambda::Function')).map((resource) => {
    const { Properties } = LambdaFunction.parse(resource);
    return [Properties.FunctionName.replace('berth-', ''), Properties];
  }),
);
const functionNamed = (name: string) => functions.get(name) ?? expect.fail(`no function ${name}`);

describe('routes', () => {
  const Target = z.object({ 'Fn::Join': z.tuple([z.string(), z.tuple([z.string(), z.object({ Ref: z.string() })])]) });
  const Route = z.object({
    Properties: z.looseObject({ RouteKey: z.string(), AuthorizationType: z.string(), Target }),
  });
  const Integration = z.object({
    Properties: z.looseObject({ IntegrationUri: z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) }) }),
  });
  const routes = Object.values(template.findResources('AWS::ApiGatewayV2::Route')).map(
    (resource) => Route.parse(resource).Properties,
  );
  const integrations = template.findResources('AWS::ApiGatewayV2::Integration');

  const functionOf = ({ Target }: (typeof routes)[number]): string =>
    Integration.parse(integrations[Target['Fn::Join'][1][1].Ref]).Properties.IntegrationUri['Fn::GetAtt'][0];

  /** Routes that lead to the function whose logical id begins so. */
  const routesTo = (functionId: string) =>
    routes
      .filter((route) => functionOf(route).startsWith(functionId))
      .map(({ RouteKey }) => RouteKey)
      .filter((key) => key !== '$default')
      .toSorted((a, b) => a.localeCompare(b));
  const keysOf = (served: readonly { method: string; path: string }[]) =>
    served.map(({ method, path }) => `${method} ${path}`).toSorted((a, b) => a.localeCompare(b));

  it('lead to the function that serves them, and none is missing', () => {
    expect(routesTo('BerthApi')).toEqual(keysOf(apiRoutes));
    expect(routesTo('BerthCluster')).toEqual(keysOf(clusterRoutes));
  });

  it('are signed, but for the health check', () => {
    const open = routes.filter((route) => route.AuthorizationType !== 'AWS_IAM');
    expect(open.map((route) => route.RouteKey)).toEqual(['GET /v1/health']);
  });

  it('name each method and path; a signed caller of anything else is told so as a problem, by the api function', () => {
    expect(routes.map(({ RouteKey }) => RouteKey).filter((key) => /\$default|ANY|\+/.test(key))).toEqual(['$default']);
  });

  it('may each invoke the function that they lead to', () => {
    const Permission = z.object({
      Properties: z.looseObject({
        Principal: z.string(),
        FunctionName: z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) }),
        SourceArn: z.unknown(),
      }),
    });
    const permissions = Object.values(template.findResources('AWS::Lambda::Permission'))
      .map((resource) => Permission.parse(resource).Properties)
      .filter(({ Principal }) => Principal === 'apigateway.amazonaws.com')
      .map(({ FunctionName, SourceArn }) => {
        const stageAndRoute = /"\/([^"]*)"\]\]\}$/.exec(JSON.stringify(SourceArn))?.[1] ?? '';
        const pattern = stageAndRoute
          .split('*')
          .map((part) => RegExp.escape(part))
          .join('.*');
        return { target: FunctionName['Fn::GetAtt'][0], covers: new RegExp(`^${pattern}$`) };
      });
    const refused = routes.filter((route) => {
      // API Gateway names the stage, then method and path as the route has them, or the one that has neither.
      const caller = `$default/${route.RouteKey.replace(' ', '')}`;
      return !permissions.some(({ target, covers }) => target === functionOf(route) && covers.test(caller));
    });
    expect(refused.map(({ RouteKey }) => RouteKey)).toEqual([]);
  });

  it('are throttled and logged', () => {
    template.hasResourceProperties('AWS::ApiGatewayV2::Stage', {
      StageName: '$default',
      DefaultRouteSettings: { ThrottlingRateLimit: 50, ThrottlingBurstLimit: 100 },
      AccessLogSettings: { Format: Match.stringLikeRegexp('requestId') },
    });
  });
});

describe('rights', () => {
  /** AWS gives these on every resource or not at all. */
  const anywhere =
    /^(xray:|logs:(\w*LogDelivery|ListLogDeliveries|PutResourcePolicy|DescribeResourcePolicies|DescribeLogGroups)$)/;

  it('name each action', () => {
    const wild = policies
      .flatMap(([, all]) => all)
      .filter(({ Action }) => Action.some((action) => action.includes('*')));
    expect(wild).toEqual([]);
  });

  it('name each resource, where the action knows resources', () => {
    const wide = policies.flatMap(([, all]) => all).filter(({ Resource }) => JSON.stringify(Resource).includes('"*"'));
    expect(wide.flatMap(({ Action }) => Action).filter((action) => !anywhere.test(action))).toEqual([]);
  });

  it('come from no managed policy', () => {
    for (const role of Object.values(template.findResources('AWS::IAM::Role'))) {
      expect(role['Properties']).not.toHaveProperty('ManagedPolicyArns');
    }
  });

  it('let the cluster function write nothing but operations', () => {
    const writes = statementsOf('BerthClusterRole').filter(({ Action }) =>
      Action.some((action) => /^dynamodb:(?!Get)/.test(action)),
    );
    expect(writes.map(({ Action, Condition }) => ({ Action, Condition }))).toEqual([
      {
        Action: ['dynamodb:UpdateItem'],
        Condition: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['OPERATION#*'] } },
      },
    ]);
  });

  it('keep the clusters to the cluster function, and executions from it', () => {
    const eks = policies.filter(([, all]) =>
      all.some(({ Action }) => Action.some((action) => action.startsWith('eks:'))),
    );
    expect(eks.map(([id]) => id)).toEqual([expect.stringContaining('BerthClusterRole')]);
    const actions = statementsOf('BerthClusterRole').flatMap(({ Action }) => Action);
    expect(actions.filter((action) => action.startsWith('states:'))).toEqual([]);
  });

  it.each([
    ['Api', ['', '/index/all', '/index/by-blueprint', '/index/by-owner', '/index/by-status']],
    ['Records', []],
    ['Sweep', ['/index/due']],
    ['Cluster', []],
  ])('let %s list what it has to list', (name, places) => {
    const queries = statementsOf(`Berth${name}Role`).filter(({ Action }) => Action.includes('dynamodb:Query'));
    const arns = queries.flatMap(({ Resource }) => [Resource].flat()).map((arn) => JSON.stringify(arn));
    expect(arns.map((arn) => /\/index\/[a-z-]+/.exec(arn)?.[0] ?? '').toSorted()).toEqual(places);
  });

  it('let nobody delete an item or scan the table', () => {
    const actions = policies.flatMap(([, all]) => all).flatMap(({ Action }) => Action);
    expect(actions).not.toContain('dynamodb:DeleteItem');
    expect(actions).not.toContain('dynamodb:Scan');
  });
});

describe('functions', () => {
  it.each([
    ['api', ApiSettings],
    ['cluster', ClusterSettings],
    ['records', RecordsSettings],
    ['sweep', SweepSettings],
  ])('give %s every setting it reads, and no other', (name, schema) => {
    const { Variables } = functionNamed(name).Environment;
    const resolved = Object.entries(Variables).map(([key, value]) => [
      key,
      typeof value === 'string' ? value : JSON.stringify(value).includes('arn:') ? 'arn:aws:states' : 'made-up-name',
    ]);
    expect(z.strictObject(schema.shape).safeParse(Object.fromEntries(resolved)).error).toBeUndefined();
  });

  it('run on Node 24, traced, on arm64 but for the one with helm', () => {
    template.resourcePropertiesCountIs('AWS::Lambda::Function', { Runtime: 'nodejs24.x' }, 4);
    template.resourcePropertiesCountIs('AWS::Lambda::Function', { TracingConfig: { Mode: 'Active' } }, 4);
    template.resourcePropertiesCountIs('AWS::Lambda::Function', { Architectures: ['arm64'] }, 3);
    template.hasResourceProperties('AWS::Lambda::Function', {
      FunctionName: 'berth-cluster',
      Architectures: ['x86_64'],
      Layers: [Match.anyValue()],
      ReservedConcurrentExecutions: 40,
      VpcConfig: Match.absent(),
    });
  });

  it('join a network that is made in the same app', () => {
    const { stack } = makeApp({ subnetIds: [Fn.importValue('Subnet')], securityGroupIds: [Fn.importValue('Group')] });
    Template.fromStack(stack).hasResourceProperties('AWS::Lambda::Function', {
      FunctionName: 'berth-cluster',
      VpcConfig: {
        SubnetIds: [{ 'Fn::ImportValue': 'Subnet' }],
        SecurityGroupIds: [{ 'Fn::ImportValue': 'Group' }],
      },
    });
  });

  it('watch no longer than a minute short of their time', () => {
    const { Timeout, Environment } = functionNamed('cluster');
    expect(milliseconds(String(Environment.Variables['WATCH_BUDGET']))).toBeLessThanOrEqual((Timeout - 60) * 1000);
  });

  it('keep their logs as long as configured', () => {
    const groups = Object.values(template.findResources('AWS::Logs::LogGroup'));
    expect(groups).toHaveLength(8);
    for (const group of groups) expect(group['Properties']).toMatchObject({ RetentionInDays: 90 });
  });
});

describe('state machines', () => {
  const Machine = z.object({
    Properties: z.looseObject({
      StateMachineName: z.string(),
      DefinitionSubstitutions: z.record(
        z.string(),
        z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) }),
      ),
    }),
  });
  const machines = Object.values(template.findResources('AWS::StepFunctions::StateMachine')).map(
    (resource) => Machine.parse(resource).Properties,
  );
  const machineOf = (kind: string) => machines.find(({ StateMachineName }) => StateMachineName === `berth-${kind}`);

  it.each(definitions.map((definition) => [definition.kind, definition] as const))(
    '%s: has a value for each substitution, and no other',
    (kind, { text }) => {
      const placed = new Set([...text.matchAll(/\$\{(\w+)\}/g)].map((match) => match[1]));
      expect(new Set(Object.keys(machineOf(kind)?.DefinitionSubstitutions ?? {}))).toEqual(placed);
    },
  );

  it.each(definitions.map((definition) => [definition.kind, definition] as const))(
    '%s: waits for a function at least as long as it may run',
    (kind, definition) => {
      const substitutions = machineOf(kind)?.DefinitionSubstitutions ?? {};
      for (const [name, task] of tasksOf(definition)) {
        // Diagnose only reads: giving up on it early leaves nothing behind that could still act.
        if (name === 'Diagnose') continue;
        const id = substitutions[task.Arguments.FunctionName.slice(2, -1)]?.['Fn::GetAtt'][0] ?? '';
        const { Timeout } = LambdaFunction.parse(template.findResources('AWS::Lambda::Function')[id]).Properties;
        expect({ name, waits: (task.TimeoutSeconds ?? 0) >= Timeout }).toEqual({ name, waits: true });
      }
    },
  );

  it('are logged, without what stagings print, and traced', () => {
    template.resourcePropertiesCountIs(
      'AWS::StepFunctions::StateMachine',
      {
        StateMachineType: 'STANDARD',
        LoggingConfiguration: { Level: 'ALL', IncludeExecutionData: false },
        TracingConfiguration: { Enabled: true },
      },
      3,
    );
  });

  it('tell the records function of every end that Catch never sees', () => {
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        source: ['aws.states'],
        'detail-type': ['Step Functions Execution Status Change'],
        detail: { status: ['FAILED', 'TIMED_OUT', 'ABORTED'], stateMachineArn: [Match.anyValue(), Match.anyValue()] },
      },
      Targets: [Match.objectLike({ DeadLetterConfig: Match.anyValue(), InputTransformer: Match.absent() })],
    });
  });

  it('sweep every minute', () => {
    template.hasResourceProperties('AWS::Scheduler::Schedule', {
      ScheduleExpression: 'rate(1 minute)',
      State: 'ENABLED',
      Target: Match.objectLike({ Input: '{}', DeadLetterConfig: Match.anyValue() }),
    });
  });
});

describe('table', () => {
  it('can be restored, not deleted by mistake, and expires what is over', () => {
    template.hasResource('AWS::DynamoDB::Table', {
      DeletionPolicy: 'Retain',
      Properties: {
        BillingMode: 'PAY_PER_REQUEST',
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        TimeToLiveSpecification: { Enabled: true, AttributeName: 'expiresAtEpoch' },
      },
    });
  });

  it('has every index of the schema', () => {
    const names = Object.values(tableIndexes).map(({ indexName }) => Match.objectLike({ IndexName: indexName }));
    template.hasResourceProperties('AWS::DynamoDB::Table', { GlobalSecondaryIndexes: names });
  });
});

it('makes Berth a member of its group in every cluster', () => {
  for (const ClusterName of ['one', 'two']) {
    template.hasResourceProperties('AWS::EKS::AccessEntry', {
      ClusterName,
      Type: 'STANDARD',
      KubernetesGroups: ['berth'],
      AccessPolicies: Match.absent(),
    });
  }
});

it('makes it so only when its role has been there for a while', () => {
  template.allResources('AWS::EKS::AccessEntry', {
    DependsOn: Match.arrayWith([Match.stringLikeRegexp('^BerthCluster[0-9A-F]{8}$')]),
  });
});

it('is plain ASCII, since CloudFormation gives back a question mark for anything else', () => {
  expect(JSON.stringify(template.toJSON()).match(/.{0,40}[^\x20-\x7e].{0,20}/g)).toBeNull();
});

it('tells a person what comes next', () => {
  const outputs = Object.keys(template.findOutputs('*'));
  for (const name of ['ApiUrl', 'TableName', 'DeployConsole', 'NextCommand']) expect(outputs).toContain(name);
});
