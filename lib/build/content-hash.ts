import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

async function filesUnder(path: string): Promise<string[]> {
  const found = await stat(path).catch(() => undefined);
  if (!found) return [];
  if (!found.isDirectory()) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/**
 * SHA-256 in hex over names and contents of all files at or under the paths, and over `besides`; a path that isn't there
 * counts as empty.
 */
export async function contentHash(paths: readonly string[], besides = ''): Promise<string> {
  const files = (await Promise.all(paths.map(filesUnder))).flat().toSorted();
  const contents = await Promise.all(files.map((file) => readFile(file)));
  const hash = createHash('sha256').update(besides);
  for (const [index, file] of files.entries()) hash.update(`${file}\0`).update(contents[index] ?? '');
  return hash.digest('hex');
}
