import { readdir, readFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import type { KubernetesObject } from '../domain/kubernetes-object.ts';
import { RenderFailed } from '../domain/render-failed.ts';
import { type ObjectText, parseObjects } from './parse-objects.ts';

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
  const texts = files.map(
    async (file): Promise<ObjectText> => ({ name: relative(directory, file), text: await readFile(file, 'utf8') }),
  );
  return parseObjects(await Promise.all(texts));
}
