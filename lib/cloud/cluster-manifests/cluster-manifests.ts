import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { clusterGroupOf } from '../../../lambdas/domain/cluster-group.ts';

const files = ['cluster-role.yaml', 'admission-policies.yaml', 'staging-contents.yaml'];

/**
 * The YAML documents that a cluster needs once: roles, binding and admission policies. `installation` must be a DNS label,
 * as the configuration holds it: then nothing in it means anything to YAML or CEL.
 */
export function clusterManifests(installation: string): string {
  return files
    .map((file) => readFileSync(join(import.meta.dirname, file), 'utf8'))
    .join('---\n')
    .replaceAll('${name}', clusterGroupOf(installation))
    .replaceAll('${installation}', installation);
}
