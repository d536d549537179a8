import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { type ProgramModule, type ProgramName, type Programs, programNames } from './programs.ts';

export interface Found {
  programs: Partial<Programs>;
  missing: ProgramName[];
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * The programs that are there already: first in the folder that `KUBEBUILDER_ASSETS` names (the variable by which the tests
 * of other Kubernetes projects find theirs), then among those built before.
 */
export function findPrograms(modules: readonly ProgramModule[], env: NodeJS.ProcessEnv): Found {
  const assets = env['KUBEBUILDER_ASSETS'];
  const programs: Partial<Programs> = {};
  for (const name of programNames) {
    const kept = modules.find(({ programs }) => programs[name] !== undefined)?.kept;
    const places = [assets, kept].filter((folder): folder is string => Boolean(folder));
    const file = places.map((folder) => join(folder, name)).find(isProgram);
    if (file !== undefined) programs[name] = file;
  }
  return { programs, missing: programNames.filter((name) => programs[name] === undefined) };
}
