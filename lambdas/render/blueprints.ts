import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as z from 'zod';
import { Blueprint } from '../domain/blueprint.ts';

/** A blueprint with the folder that its source lies in. */
interface ShippedBlueprint {
  blueprint: Blueprint;
  /** absolute path */
  directory: string;
}

/** What can be deployed. */
export interface Blueprints {
  get(name: string): ShippedBlueprint | undefined;
  /** by name */
  all(): Blueprint[];
}

/** Definitions as they were written: parsing is what turns durations into milliseconds and fills in what was left out. */
const Index = z.record(z.string(), Blueprint);

/**
 * Reads the folder that the build wrote, with `index.json` and the sources beside it; once, and the answer is kept.
 * @throws Error where the folder was not written by this version's build
 */
export function loadBlueprints(dir: string): Blueprints {
  const text = readFileSync(join(dir, 'index.json'), 'utf8');
  const blueprints = new Map(
    Object.values(Index.parse(JSON.parse(text))).map((blueprint) => [
      blueprint.name,
      { blueprint, directory: resolve(dir, blueprint.name) },
    ]),
  );
  return {
    get: (name) => blueprints.get(name),
    all: () =>
      [...blueprints.values()].map(({ blueprint }) => blueprint).toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  };
}
