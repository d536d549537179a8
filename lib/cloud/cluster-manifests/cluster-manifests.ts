import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const files = ['cluster-role.yaml', 'admission-policies.yaml'];

/**
 * Name of Berth's group in the clusters, and of what is made there for it: `berth`, or `berth-<installation>` for one with
 * a name of its own, so that two installations can share a cluster.
 */
export const groupOf = (installation: string): string =>
  installation === 'berth' ? installation : `berth-${installation}`;

/**
 * The YAML documents that a cluster needs once: role, binding and admission policies. `installation` must be a DNS label,
 * as the configuration holds it: then nothing in it means anything to YAML or CEL.
 */
export function clusterManifests(installation: string): string {
  return files
    .map((file) => readFileSync(join(import.meta.dirname, file), 'utf8'))
    .join('---\n')
    .replaceAll('${name}', groupOf(installation))
    .replaceAll('${installation}', installation);
}
