import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { ApiSettings } from '../../lambdas/settings.ts';
import { BerthFunction, type Environment } from './berth-function.ts';
import { type FunctionProps, tableVariables } from './function-context.ts';
import { grantLists, grantRecords, grantStart } from './grants.ts';
import { machineArn } from './machine-arn.ts';

/** Answers the HTTP API: reads and writes stagings, starts executions, and has never heard of a cluster. */
export class ApiFunction extends BerthFunction<Environment<ApiSettings>> {
  constructor(scope: Construct, id: string, props: FunctionProps) {
    const { config, table, directory } = props;
    const { installation } = config;
    super(scope, id, {
      config,
      name: 'api',
      description: 'Berth: HTTP API',
      directory,
      // API Gateway hangs up after 30 s.
      timeout: Duration.seconds(29),
      memorySize: 512,
      environment: {
        ...tableVariables(props),
        DEPLOY_STATE_MACHINE_ARN: machineArn(scope, installation, 'deploy'),
        TEARDOWN_STATE_MACHINE_ARN: machineArn(scope, installation, 'teardown'),
        SWEEP_STATE_MACHINE_ARN: machineArn(scope, installation, 'sweep'),
      },
    });
    grantRecords(this, table);
    const lists = (['all', 'byStatus', 'byBlueprint', 'byOwner'] as const).map((index) => table.indexArn(index));
    // A staging's operations lie under one key of the table itself.
    grantLists(this, [table.tableArn, ...lists]);
    grantStart(this, installation, ['deploy', 'teardown', 'sweep']);
  }
}
