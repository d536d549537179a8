import { resolve } from 'node:path';
import type { KubernetesObject } from '../domain/kubernetes-object.ts';
import { parseObjects } from './parse-objects.ts';
import { runTool } from './run-tool.ts';

/** Nobody listens there: a base or file behind a URL is an error, not a download. Nor is there a PATH to find git on. */
const noNetwork = { HTTP_PROXY: 'http://127.0.0.1:9', HTTPS_PROXY: 'http://127.0.0.1:9', PATH: '' };

/**
 * What the Kustomize folder comes to. Plugins and Helm charts stay off, and files outside of the folder out of reach,
 * as is kubectl's default.
 * @throws RenderFailed with kubectl's own words
 */
export async function renderKustomization(
  kubectlPath: string,
  directory: string,
  folder: string,
): Promise<KubernetesObject[]> {
  const text = await runTool({
    path: kubectlPath,
    args: ['kustomize', resolve(directory, folder)],
    environment: noNetwork,
  });
  return parseObjects([{ name: folder, text }]);
}
