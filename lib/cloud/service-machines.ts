import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { Config } from './config.ts';
import { ServiceMachine } from './service-machine.ts';

interface ServiceMachinesProps {
  config: Config;
  cluster: IFunction;
  records: IFunction;
  sweep: IFunction;
}

/** The state machines, each with the functions that its file names. */
export class ServiceMachines extends Construct {
  readonly deploy: ServiceMachine;
  readonly teardown: ServiceMachine;
  readonly sweep: ServiceMachine;

  constructor(scope: Construct, id: string, { config, cluster, records, sweep }: ServiceMachinesProps) {
    super(scope, id);
    const steps = { ClusterFunctionArn: cluster, RecordsFunctionArn: records };
    this.deploy = new ServiceMachine(this, 'Deploy', { config, kind: 'deploy', functions: steps });
    this.teardown = new ServiceMachine(this, 'Teardown', { config, kind: 'teardown', functions: steps });
    this.sweep = new ServiceMachine(this, 'Sweep', { config, kind: 'sweep', functions: { SweepFunctionArn: sweep } });
  }
}
