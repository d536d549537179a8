import { Duration, Validations } from 'aws-cdk-lib';
import type { EventBus } from 'aws-cdk-lib/aws-events';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { SweepSettings } from '../../lambdas/settings.ts';
import { BerthFunction, type Environment } from './berth-function.ts';
import { type FunctionProps, tableVariables } from './function-context.ts';
import { grantLists, grantRecords, grantStart } from './grants.ts';
import { executionsArn, machineArn } from './machine-arn.ts';

/** Finds what is due and settles it: the requests that a caller could make, made by the clock. */
export class SweepFunction extends BerthFunction<Environment<SweepSettings>> {
  constructor(scope: Construct, id: string, props: FunctionProps & { bus: EventBus }) {
    const { config, table, directory, bus } = props;
    const { installation } = config;
    super(scope, id, {
      config,
      name: 'sweep',
      description: 'Berth: steps that settle what is due',
      directory,
      timeout: Duration.seconds(60),
      memorySize: 512,
      environment: {
        ...tableVariables(props),
        DEPLOY_STATE_MACHINE_ARN: machineArn(scope, installation, 'deploy'),
        TEARDOWN_STATE_MACHINE_ARN: machineArn(scope, installation, 'teardown'),
        EVENT_BUS_NAME: bus.eventBusName,
        SWEEP_BRAKE: String(config.sweepBrake),
      },
    });
    grantRecords(this, table);
    grantLists(this, [table.indexArn('due')]);
    grantStart(this, installation, ['deploy', 'teardown']);
    bus.grantPutEventsTo(this);
    // Asks after executions that should have ended long ago.
    const executions = [executionsArn(this, installation, 'deploy'), executionsArn(this, installation, 'teardown')];
    this.addToRolePolicy(new PolicyStatement({ actions: ['states:DescribeExecution'], resources: executions }));
    for (const kind of ['deploy', 'teardown']) {
      Validations.of(this.executionRole).acknowledge({
        id: `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:${installation}-${kind}:*]`,
        reason: 'Executions are named by requests: only a wildcard covers those of one machine.',
      });
    }
  }
}
