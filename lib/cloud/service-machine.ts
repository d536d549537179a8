import { join } from 'node:path';
import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { DefinitionBody, LogLevel, StateMachine, StateMachineType } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { Config } from './config.ts';
import { type MachineKind, machineName } from './machine-arn.ts';

const definitions = join(import.meta.dirname, '..', '..', 'statemachines');

interface ServiceMachineProps {
  config: Config;
  kind: MachineKind;
  /** functions that the definition invokes, by the substitution that stands for their ARN */
  functions: Readonly<Record<string, IFunction>>;
}

/**
 * A state machine drawn in `statemachines/<kind>.asl.json`, where its time limit stands too. Executions are logged without
 * their data: a diagnosis quotes the log lines of a staging, and those stay in the record and the execution's own history.
 */
export class ServiceMachine extends StateMachine {
  constructor(scope: Construct, id: string, { config, kind, functions }: ServiceMachineProps) {
    const name = machineName(config.installation, kind);
    const role = new Role(scope, `${id}Role`, { assumedBy: new ServicePrincipal('states.amazonaws.com') });
    super(scope, id, {
      stateMachineName: name,
      stateMachineType: StateMachineType.STANDARD,
      definitionBody: DefinitionBody.fromFile(join(definitions, `${kind}.asl.json`)),
      definitionSubstitutions: Object.fromEntries(
        Object.entries(functions).map(([key, { functionArn }]) => [key, functionArn]),
      ),
      role,
      tracingEnabled: true,
      logs: {
        // Under /aws/vendedlogs/ the log group's resource policy does not grow with each machine.
        destination: new LogGroup(scope, `${id}Logs`, {
          logGroupName: `/aws/vendedlogs/states/${name}`,
          retention: config.logRetentionDays,
          removalPolicy: RemovalPolicy.DESTROY,
        }),
        level: LogLevel.ALL,
        includeExecutionData: false,
      },
    });
    // Nothing is granted for a definition from a file. Functions have no versions here, so no wildcard is needed either.
    role.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['lambda:InvokeFunction'],
        resources: Object.values(functions).map(({ functionArn }) => functionArn),
      }),
    );
    Validations.of(role).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: 'X-Ray and the delivery of logs know no resources: AWS gives these actions on * or not at all.',
    });
  }
}
