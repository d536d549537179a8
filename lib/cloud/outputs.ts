import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { Berth } from './berth.ts';
import type { Config } from './config.ts';

/** What a person needs after a deploy, by short names. */
export class Outputs extends Construct {
  constructor(scope: Construct, id: string, { config, berth }: { config: Config; berth: Berth }) {
    super(scope, id);
    const { deploy, teardown, sweep } = berth.machines;
    this.#show('ApiUrl', 'where callers send requests', berth.api.url);
    this.#show('TableName', 'stagings and operations', berth.table.tableName);
    this.#show('EventBusName', 'where every change of status is told', berth.bus.eventBusName);
    this.#show('ClusterRoleArn', 'who Berth is in the clusters', berth.functions.cluster.executionRole.roleArn);
    this.#show('UndeliveredQueueUrl', 'events that could not be delivered', berth.undelivered.queueUrl);
    this.#show('DeployConsole', 'executions that deploy', this.#console(deploy));
    this.#show('TeardownConsole', 'executions that tear down', this.#console(teardown));
    this.#show('SweepConsole', 'executions that settle what is due', this.#console(sweep));
    this.#show(
      'NextCommand',
      'once per cluster, by somebody who may write cluster roles',
      `npm run --silent cluster-manifests -- --installation ${config.installation} | kubectl apply --server-side -f -`,
    );
  }

  #show(name: string, description: string, value: string): void {
    new CfnOutput(this, name, { description, value }).overrideLogicalId(name);
  }

  #console(machine: StateMachine): string {
    const { region } = Stack.of(this);
    return `https://${region}.console.aws.amazon.com/states/home?region=${region}#/statemachines/view/${machine.stateMachineArn}`;
  }
}
