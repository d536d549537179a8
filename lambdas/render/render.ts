import type { Blueprint } from '../domain/blueprint.ts';
import type { Workload } from '../domain/kubernetes-object.ts';
import type { SourceOverrides, Values } from '../domain/staging.ts';

/** What one staging wants rendered. */
export interface RenderRequest {
  blueprint: Blueprint;
  /** absolute path of the blueprint's folder */
  directory: string;
  /** the staging's name; also the Helm release name */
  name: string;
  namespace: string;
  host: string;
  values: Values;
  overrides: SourceOverrides;
  /** false for the first deploy: Helm's `.Release.IsInstall` */
  isUpgrade: boolean;
  /** Helm's `.Capabilities`: the cluster's version and what it serves; Helm's own idea of them where absent */
  kubeVersion?: string;
  apiVersions?: readonly string[];
}

/** Where the binaries are. */
export interface RenderTools {
  helmPath: string;
  kubectlPath: string;
}

/** @throws RenderFailed with the tool's own words */
export type Render = (request: RenderRequest) => Promise<Workload>;
