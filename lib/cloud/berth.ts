import { EventBus } from 'aws-cdk-lib/aws-events';
import { Construct } from 'constructs';
import { ApiFunction } from './api-function.ts';
import { ClusterAccess } from './cluster-access.ts';
import { ClusterFunction } from './cluster-function.ts';
import type { Config } from './config.ts';
import { EndedExecutions } from './ended-executions.ts';
import { RecordsFunction } from './records-function.ts';
import { ServiceApi } from './service-api.ts';
import { ServiceMachines } from './service-machines.ts';
import { StagingTable } from './staging-table.ts';
import { SweepFunction } from './sweep-function.ts';
import { SweepSchedule } from './sweep-schedule.ts';
import { UndeliveredQueue } from './undelivered-queue.ts';

/** The functions' folders, as `buildFunctions` gives them. */
type FunctionFolders = Readonly<Record<'api' | 'cluster' | 'records' | 'sweep', { directory: string }>>;

export interface BerthProps {
  config: Config;
  functions: FunctionFolders;
}

/** One installation of Berth, for this app or any other: what a person or another construct needs of it is readable. */
export class Berth extends Construct {
  readonly table: StagingTable;
  readonly bus: EventBus;
  readonly undelivered: UndeliveredQueue;
  readonly functions: {
    api: ApiFunction;
    cluster: ClusterFunction;
    records: RecordsFunction;
    sweep: SweepFunction;
  };
  readonly machines: ServiceMachines;
  readonly api: ServiceApi;

  constructor(scope: Construct, id: string, { config, functions }: BerthProps) {
    super(scope, id);
    const table = new StagingTable(this, 'Table');
    const bus = new EventBus(this, 'Bus', { eventBusName: config.installation });
    const undelivered = new UndeliveredQueue(this, 'Undelivered');

    const shared = { config, table, undelivered, bus };
    const api = new ApiFunction(this, 'Api', { ...shared, ...functions.api });
    const cluster = new ClusterFunction(this, 'Cluster', { ...shared, ...functions.cluster });
    const records = new RecordsFunction(this, 'Records', { ...shared, ...functions.records });
    const sweep = new SweepFunction(this, 'Sweep', { ...shared, ...functions.sweep });

    const machines = new ServiceMachines(this, 'Machines', { config, cluster, records, sweep });
    const { deploy, teardown } = machines;
    new EndedExecutions(this, 'EndedExecutions', { machines: [deploy, teardown], records, undelivered });
    new SweepSchedule(this, 'SweepSchedule', { sweep: machines.sweep, undelivered });
    new ClusterAccess(this, 'ClusterAccess', { config, cluster });

    this.api = new ServiceApi(this, 'HttpApi', { config, api, cluster });
    this.table = table;
    this.bus = bus;
    this.undelivered = undelivered;
    this.functions = { api, cluster, records, sweep };
    this.machines = machines;
  }
}
