import { ArnFormat, Aws, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/** Each is a file in `statemachines/`. */
export type MachineKind = 'deploy' | 'teardown' | 'sweep';

export const machineName = (installation: string, kind: MachineKind): string => `${installation}-${kind}`;

/**
 * A state machine's ARN, made from its name: functions start the machines that invoke them, and a reference in both
 * directions is a circle that CloudFormation refuses.
 */
export const machineArn = (scope: Construct, installation: string, kind: MachineKind): string =>
  Stack.of(scope).formatArn({
    service: 'states',
    resource: 'stateMachine',
    resourceName: machineName(installation, kind),
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });

/**
 * ARN of all executions of a machine; their names are made by requests, so only a wildcard covers them. What
 * surrounds the name is referred to even where the stack knows it: cdk-nag's finding quotes the ARN, and is acknowledged so.
 */
export const executionsArn = (scope: Construct, installation: string, kind: MachineKind): string =>
  Stack.of(scope).formatArn({
    service: 'states',
    partition: Aws.PARTITION,
    region: Aws.REGION,
    account: Aws.ACCOUNT_ID,
    resource: 'execution',
    resourceName: `${machineName(installation, kind)}:*`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
