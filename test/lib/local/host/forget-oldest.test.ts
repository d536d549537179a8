import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { useFolder } from '../../../../lib/local/folder-use.ts';
import { forgetOldest } from '../../../../lib/local/forget-oldest.ts';

let cacheDir: string;
beforeEach(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), 'berth-cache-'));
});
afterEach(() => rm(cacheDir, { recursive: true }));

/** A folder that was used last so many hours ago. */
async function folder(name: string, hours: number): Promise<string> {
  const path = join(cacheDir, name);
  await mkdir(path, { recursive: true });
  const at = new Date(Date.now() - hours * 3_600_000);
  await utimes(path, at, at);
  return path;
}

async function left(): Promise<string[]> {
  await forgetOldest(cacheDir);
  return (await readdir(cacheDir)).toSorted();
}

describe('the assemblies of former starts', () => {
  beforeEach(async () => {
    for (const hours of [1, 2, 3, 4, 5, 6]) await folder(`used-${hours}`, hours);
  });

  it('go, but for the four that were used last', async () => {
    expect(await left()).toEqual(['used-1', 'used-2', 'used-3', 'used-4']);
  });

  it('stay while a host reads from them, however many are newer', async () => {
    const leave = await useFolder(await folder('used-6', 6));
    await folder('used-6', 6);
    expect(await left()).toContain('used-6');
    await leave();
    await folder('used-6', 6);
    expect(await left()).not.toContain('used-6');
  });

  it('go where the host that read from them was killed', async () => {
    const path = await folder('used-6', 6);
    await writeFile(join(path, `in-use-by-${process.pid}-${crypto.randomUUID()}`), 'the start of another process');
    await folder('used-6', 6);
    expect(await left()).not.toContain('used-6');
  });

  it('keep no marks of hosts that were killed', async () => {
    const path = await folder('used-1', 1);
    await writeFile(join(path, `in-use-by-${process.pid}-${crypto.randomUUID()}`), 'the start of another process');
    const leave = await useFolder(path);
    expect(await readdir(path)).toHaveLength(1);
    await leave();
    expect(await readdir(path)).toEqual([]);
  });

  it('go where their making was interrupted, and not while it is under way', async () => {
    await folder('new-1', 2);
    await folder('new-2', 0);
    const names = await left();
    expect(names).toContain('new-2');
    expect(names).not.toContain('new-1');
  });
});
