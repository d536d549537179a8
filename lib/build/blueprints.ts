import { cp, lstat, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import type { Blueprint } from '../../lambdas/domain/blueprint.ts';
import { checkBlueprint } from './check-blueprint.ts';
import { checkFolder } from './check-folder.ts';
import { readBlueprint } from './read-blueprint.ts';

/** Blueprints that can't be shipped; the message has a line for each thing that is wrong, with file, line and field. */
export class BlueprintsInvalid extends Error {
  override readonly name = 'BlueprintsInvalid';
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
    super(`${count} in the blueprints:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

/** A blueprint that passed every check: its folder, and blueprint.yaml as it was written and as it is understood. */
export interface CheckedBlueprint {
  name: string;
  folder: string;
  written: unknown;
  blueprint: Blueprint;
}

const definition = 'blueprint.yaml';

/**
 * Checks every folder of `sourceDir` as a blueprint; files beside the folders are none of its business.
 * @throws BlueprintsInvalid with all problems of all blueprints at once
 */
export async function checkBlueprints(sourceDir: string): Promise<CheckedBlueprint[]> {
  const entries = await readdir(sourceDir, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory() || entry.isSymbolicLink()).map((entry) => entry.name);
  if (entries.some((entry) => entry.name === definition)) {
    throw new BlueprintsInvalid([`${definition}: must lie in a folder of its own; give the folder above that`]);
  }
  if (folders.length === 0) throw new BlueprintsInvalid([`${sourceDir}: holds no folder with a ${definition}`]);
  const checks = await Promise.all(folders.toSorted().map((folder) => checkOne(sourceDir, folder)));
  const problems = checks.flatMap((check) => check.problems);
  if (problems.length > 0) throw new BlueprintsInvalid(problems);
  return checks.flatMap((check) => check.checked ?? []);
}

async function checkOne(
  sourceDir: string,
  name: string,
): Promise<{ checked?: CheckedBlueprint; problems: readonly string[] }> {
  const folder = join(sourceDir, name);
  const label = `${name}/${definition}`;
  if ((await lstat(folder)).isSymbolicLink()) {
    const leadsToFolder = await isOfType(folder, 'isDirectory');
    return { problems: leadsToFolder ? [`${name}: is a symbolic link; only folders are shipped`] : [] };
  }
  const isThere = await isOfType(join(folder, definition), 'isFile');
  if (!isThere) return { problems: [`${label}: is missing; every folder beside it is a blueprint`] };
  const { read, problems, describe } = await readBlueprint(join(folder, definition), label);
  if (!read) return { problems: problems.map((problem) => describe(problem)) };
  const found = [...checkBlueprint(read.blueprint, name), ...(await checkFolder(read.blueprint, folder))];
  if (found.length > 0) return { problems: found.map((problem) => describe(problem)) };
  return { checked: { name, folder, ...read }, problems: [] };
}

const isOfType = (path: string, type: 'isFile' | 'isDirectory'): Promise<boolean> =>
  stat(path).then(
    (found) => found[type](),
    () => false,
  );

const indexFile = 'index.json';

/** Only what this build wrote before is deleted: a wrong path must not cost anybody a folder. */
async function refuseForeignFolder(out: string): Promise<void> {
  const names = await readdir(out).catch((error: unknown): string[] => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  });
  if (names.length > 0 && !names.includes(indexFile)) {
    throw new Error(`${out} is not empty and has no ${indexFile}: it is not what an earlier build wrote, and is kept`);
  }
}

const contains = (outer: string, inner: string): boolean => `${inner}${sep}`.startsWith(`${outer}${sep}`);

/**
 * Checks the blueprints and writes what functions read at run time: `outDir/index.json`, all definitions by name as
 * they were written (durations as text), and beside it each blueprint's folder. An earlier output is replaced.
 * @throws BlueprintsInvalid, or Error where `outDir` holds anything else; `outDir` is as it was then
 */
export async function compileBlueprints(sourceDir: string, outDir: string): Promise<void> {
  const source = resolve(sourceDir);
  const out = resolve(outDir);
  if (contains(out, source) || contains(source, out)) {
    throw new Error(`${outDir} and ${sourceDir} must not lie in each other, since the first is replaced`);
  }
  await refuseForeignFolder(out);
  const blueprints = await checkBlueprints(source);
  await rm(out, { recursive: true, force: true });
  await mkdir(dirname(out), { recursive: true });
  await mkdir(out);
  await Promise.all(blueprints.map(({ name, folder }) => cp(folder, join(out, name), { recursive: true })));
  const index = Object.fromEntries(blueprints.map(({ name, written }) => [name, written]));
  await writeFile(join(out, indexFile), `${JSON.stringify(index, null, 2)}\n`);
}
