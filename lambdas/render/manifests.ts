import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import pMap from 'p-map';
import type { KubernetesObject } from '../domain/kubernetes-object.ts';
import { RenderFailed } from '../domain/render-failed.ts';
import { maxTextLength, type ObjectText, parseObjects } from './parse-objects.ts';

/**
 * The objects in all .yaml, .yml and .json files of the folder and the folders in it, by path. Symbolic links are not
 * followed.
 * @throws RenderFailed that names file and document
 */
export async function readManifests(directory: string, folder: string): Promise<KubernetesObject[]> {
  const root = resolve(directory, folder);
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch((cause: unknown) => {
    throw new RenderFailed(`${folder}: there is no such folder in the blueprint`, { cause });
  });
  const files = entries
    .filter((entry) => entry.isFile() && /\.(ya?ml|json)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
  await refuseTooLarge(folder, files);
  const read = async (file: string): Promise<ObjectText> => ({
    name: relative(directory, file),
    text: await readFile(file, 'utf8'),
  });
  return parseObjects(await pMap(files, read, { concurrency }));
}

/** Files that are open at once: a function has 1024 descriptors, and connections beside. */
const concurrency = 16;

/** Before they are read: a bundle may hold 250 MB of them. */
async function refuseTooLarge(folder: string, files: readonly string[]): Promise<void> {
  const sizes = await pMap(files, async (file) => (await stat(file)).size, { concurrency });
  const size = sizes.reduce((sum, each) => sum + each, 0);
  if (size > maxTextLength)
    throw new RenderFailed(`${folder}: ${size} bytes of objects are more than ${maxTextLength}`);
}
