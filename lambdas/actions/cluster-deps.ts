import type { KubernetesClient } from '../cluster/client.ts';
import type { Progress } from '../domain/operation.ts';
import type { Blueprints } from '../render/blueprints.ts';
import type { Render } from '../render/render.ts';
import type { StagingReader } from './fence.ts';

/** What the use-cases on the cluster are given. */
export interface ClusterDeps {
  stagings: StagingReader;
  /** where an operation tells how far it is; dropped where it fails */
  operations: { tellProgress(operation: { staging: string; generation: number }, progress: Progress): Promise<void> };
  /** by the cluster's name; the connection is kept */
  connect: (cluster: string) => KubernetesClient;
  blueprints: Blueprints;
  render: Render;
  /** milliseconds since 1970 */
  now: () => number;
  /** milliseconds that one invocation may wait */
  budget: number;
  /** written on namespaces */
  installation: string;
  ingressNamespace: string;
  /** such as https://staging.example.com */
  publicBaseUrl: string;
  /** where probes go instead, with the staging's Host */
  probeBaseUrl?: string | undefined;
}
