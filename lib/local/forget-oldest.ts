import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isInUse } from './folder-use.ts';

/** What the folder of an assembly that is being made begins with. */
export const unfinished = 'new-';

/** Assemblies that are kept, by their last use, beside those that running hosts read functions and blueprints out of. */
const kept = 4;

/** Nobody makes an assembly for so long: whoever was at it is gone. */
const longestMaking = 3_600_000;

/** Removes assemblies that were not used for the longest time, and those whose making was interrupted. */
export async function forgetOldest(cacheDir: string): Promise<void> {
  const names = await readdir(cacheDir);
  const all = await Promise.all(names.map(async (name) => ({ name, at: (await stat(join(cacheDir, name))).mtimeMs })));
  const whole = all.filter(({ name }) => !name.startsWith(unfinished));
  const oldest = whole.toSorted((left, right) => right.at - left.at).slice(kept);
  const left = all.filter(({ name, at }) => name.startsWith(unfinished) && at < Date.now() - longestMaking);
  await Promise.all([...oldest, ...left].map(({ name }) => forgetUnused(join(cacheDir, name))));
}

async function forgetUnused(directory: string): Promise<void> {
  if (!(await isInUse(directory))) await rm(directory, { recursive: true, force: true });
}
