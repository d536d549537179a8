import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  CfnFunction,
  Code,
  Function,
  type ILayerVersion,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { Config } from './config.ts';

/** Set by the construct, the same for every function. */
type CommonSettings = 'POWERTOOLS_SERVICE_NAME' | 'POWERTOOLS_LOG_LEVEL';

/**
 * The variables of a function, by its settings' schema, but for those that all share and those that it can do without: one
 * that is missing or unknown doesn't compile.
 */
export type Environment<Settings, Optional extends keyof Settings = never> = Omit<Settings, CommonSettings | Optional>;

export interface BerthFunctionProps<Variables> {
  config: Config;
  /** last part of the function's name */
  name: string;
  description: string;
  /** folder with index.js */
  directory: string;
  timeout: Duration;
  memorySize: number;
  environment: Variables;
  architecture?: Architecture;
  layers?: ILayerVersion[];
  reservedConcurrency?: number;
  /** where events go that the function could not take; for functions that are invoked asynchronously */
  deadLetterQueue?: Queue;
  vpc?: CfnFunction.VpcConfigProperty;
}

const anywhere = 'the action knows no resources: AWS gives it on * or not at all';

/** What every function of Berth is: Node 24 on arm64, traced, with a log group of its own and a role without managed policies. */
export class BerthFunction<Variables extends Readonly<Record<string, string>>> extends Function {
  /** `role` of the base class may be absent; this one never is */
  readonly executionRole: Role;

  constructor(scope: Construct, id: string, props: BerthFunctionProps<Variables>) {
    const { config, vpc } = props;
    const functionName = `${config.installation}-${props.name}`;
    const logGroup = new LogGroup(scope, `${id}Logs`, {
      logGroupName: `/aws/lambda/${functionName}`,
      retention: config.logRetentionDays satisfies RetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(scope, `${id}Role`, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(role);
    super(scope, id, {
      functionName,
      description: props.description,
      code: Code.fromAsset(props.directory),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: props.architecture ?? Architecture.ARM_64,
      timeout: props.timeout,
      memorySize: props.memorySize,
      tracing: Tracing.ACTIVE,
      logGroup,
      role,
      environment: {
        ...props.environment,
        POWERTOOLS_SERVICE_NAME: functionName,
        POWERTOOLS_LOG_LEVEL: config.logLevel,
      },
      ...(props.layers ? { layers: props.layers } : {}),
      ...(props.reservedConcurrency === undefined ? {} : { reservedConcurrentExecutions: props.reservedConcurrency }),
      ...(props.deadLetterQueue ? { deadLetterQueue: props.deadLetterQueue } : {}),
    });
    this.executionRole = role;
    if (vpc) this.#joinVpc(vpc);
    Validations.of(role).acknowledge({ id: 'AwsSolutions-IAM5[Resource::*]', reason: `X-Ray and ENIs: ${anywhere}` });
  }

  /** By ids alone: CDK's own `vpc` property wants to look up the subnets' zones, and the stack is made for any account. */
  #joinVpc(vpc: CfnFunction.VpcConfigProperty): void {
    const resource = this.node.defaultChild;
    if (resource instanceof CfnFunction) resource.vpcConfig = vpc;
    this.addToRolePolicy(
      new PolicyStatement({
        actions: [
          'ec2:CreateNetworkInterface',
          'ec2:DescribeNetworkInterfaces',
          'ec2:DescribeSubnets',
          'ec2:DeleteNetworkInterface',
          'ec2:AssignPrivateIpAddresses',
          'ec2:UnassignPrivateIpAddresses',
        ],
        resources: ['*'],
      }),
    );
  }
}
