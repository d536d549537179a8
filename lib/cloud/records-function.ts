import { Duration } from 'aws-cdk-lib';
import type { EventBus } from 'aws-cdk-lib/aws-events';
import type { Construct } from 'constructs';
import type { RecordsSettings } from '../../lambdas/settings.ts';
import { BerthFunction, type Environment } from './berth-function.ts';
import { type FunctionProps, tableVariables } from './function-context.ts';
import { grantRecords, grantStart } from './grants.ts';
import { machineArn } from './machine-arn.ts';

/** Writes what became of an operation, tells the bus, and starts the operation that was waiting. */
export class RecordsFunction extends BerthFunction<Environment<RecordsSettings>> {
  constructor(scope: Construct, id: string, props: FunctionProps & { bus: EventBus }) {
    const { config, table, directory, undelivered, bus } = props;
    const { installation } = config;
    super(scope, id, {
      config,
      name: 'records',
      description: 'Berth: steps that write the status of a staging',
      directory,
      timeout: Duration.seconds(25),
      memorySize: 512,
      deadLetterQueue: undelivered,
      environment: {
        ...tableVariables(props),
        DEPLOY_STATE_MACHINE_ARN: machineArn(scope, installation, 'deploy'),
        TEARDOWN_STATE_MACHINE_ARN: machineArn(scope, installation, 'teardown'),
        EVENT_BUS_NAME: bus.eventBusName,
      },
    });
    grantRecords(this, table);
    grantStart(this, installation, ['deploy', 'teardown']);
    bus.grantPutEventsTo(this);
  }
}
