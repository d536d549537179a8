import { resolve } from 'node:path';
import * as z from 'zod';
import { Duration } from './domain/duration.ts';

const Arn = z.string().startsWith('arn:');

const Common = z.object({
  POWERTOOLS_SERVICE_NAME: z.string(),
  POWERTOOLS_LOG_LEVEL: z.string(),
});

/** Table and links: what every function that shows a staging needs. */
const Table = Common.extend({
  TABLE_NAME: z.string(),
  BLUEPRINTS_DIR: z.string().describe('folder with index.json and the blueprints’ sources, beside the bundle'),
  PUBLIC_BASE_URL: z.url().describe('https://staging.example.com; a staging is one label under its host'),
  CLUSTERS: z.string().describe('names of the EKS clusters, comma-separated, the first is the default'),
});

/** A function that starts executions. */
const Starter = Table.extend({
  DEPLOY_STATE_MACHINE_ARN: Arn,
  TEARDOWN_STATE_MACHINE_ARN: Arn,
});

export const ApiSettings = Starter.extend({ SWEEP_STATE_MACHINE_ARN: Arn });
export type ApiSettings = z.infer<typeof ApiSettings>;

export const RecordsSettings = Starter.extend({ EVENT_BUS_NAME: z.string() });
export type RecordsSettings = z.infer<typeof RecordsSettings>;

export const SweepSettings = Starter.extend({
  EVENT_BUS_NAME: z.string(),
  SWEEP_BRAKE: z.string().describe('most stagings that one sweep may expire without an operator’s approval'),
});
export type SweepSettings = z.infer<typeof SweepSettings>;

export const ClusterSettings = Table.extend({
  INSTALLATION: z.string().describe('owner written on namespaces'),
  INGRESS_NAMESPACE: z.string().describe('namespace of the ingress controller, let in by the network policy'),
  HELM_PATH: z.string(),
  KUBECTL_PATH: z.string(),
  PROBE_BASE_URL: z.url().optional().describe('where HTTP probes go instead of PUBLIC_BASE_URL; the Host stays'),
  WATCH_BUDGET: z.string().describe('how long one step may wait, such as "4m"; under the function’s timeout'),
});
export type ClusterSettings = z.infer<typeof ClusterSettings>;

/**
 * Parses a function's environment variables: once, here, and nowhere else.
 * @throws Error that names each missing or wrong variable
 */
export function readSettings<Shape extends z.ZodType>(schema: Shape): z.infer<Shape> {
  const parsed = schema.safeParse(process.env);
  if (!parsed.success) throw new Error(`settings are wrong: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** Absolute path of the folder that the build put beside the bundle; Lambda tells where that is. */
export const blueprintsDirectory = (settings: { BLUEPRINTS_DIR: string }): string =>
  resolve(process.env['LAMBDA_TASK_ROOT'] ?? '.', settings.BLUEPRINTS_DIR);

/** Names of the clusters that the installation has. */
export const clusterNames = (settings: { CLUSTERS: string }): string[] => settings.CLUSTERS.split(',');

/** Whether there is an X-Ray daemon to send to; Lambda names it. */
export const isTraced = (): boolean => process.env['AWS_XRAY_DAEMON_ADDRESS'] !== undefined;

/** Milliseconds of a setting that is a duration. */
export const milliseconds = (duration: string): number => Duration.parse(duration);
