import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Config } from './config.ts';
import type { StagingTable } from './staging-table.ts';

/** What each function's construct is made from. */
export interface FunctionProps {
  config: Config;
  table: StagingTable;
  /** folder with index.js and blueprints/ */
  directory: string;
  /** where events go that could not be delivered */
  undelivered: Queue;
}

/** Variables of every function that shows a staging. `BLUEPRINTS_DIR` is relative to the bundle. */
export const tableVariables = ({ config, table }: FunctionProps) => ({
  TABLE_NAME: table.tableName,
  BLUEPRINTS_DIR: 'blueprints',
  PUBLIC_BASE_URL: config.publicBaseUrl,
  CLUSTERS: config.clusters.join(','),
});
