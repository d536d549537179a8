import { ArnFormat, Stack } from 'aws-cdk-lib';
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

/** ARN of all executions of a machine; their names are made by requests, so only a wildcard covers them. */
export const executionsArn = (scope: Construct, installation: string, kind: MachineKind): string =>
  Stack.of(scope).formatArn({
    service: 'states',
    resource: 'execution',
    resourceName: `${machineName(installation, kind)}:*`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
