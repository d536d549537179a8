import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeFolder } from '../../../lib/local/make-folder.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'berth-folder-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

describe('makeFolder', () => {
  it('makes a folder with those above it, also where several do so at once', async () => {
    const path = join(root, 'a', 'b', 'c');

    await Promise.all([makeFolder(path), makeFolder(path), makeFolder(join(root, 'a', 'b'))]);

    expect((await stat(path)).isDirectory()).toBe(true);
  });

  it('leaves a folder that is there as it is', async () => {
    await mkdir(join(root, 'a'));
    await writeFile(join(root, 'a', 'kept'), '');

    await makeFolder(join(root, 'a'));

    expect((await stat(join(root, 'a', 'kept'))).isFile()).toBe(true);
  });

  it('refuses a place that is a file, or below one', async () => {
    await writeFile(join(root, 'file'), '');

    await expect(makeFolder(join(root, 'file'))).rejects.toThrow('EEXIST');
    await expect(makeFolder(join(root, 'file', 'a', 'b'))).rejects.toThrow('EEXIST');
  });

  it('ends where the system lets nobody make a folder', async () => {
    await expect(makeFolder('/proc/berth/data')).rejects.toThrow(/ENOENT|EROFS|EACCES/);
  });
});
