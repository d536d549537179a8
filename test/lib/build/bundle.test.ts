import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bundles, buildFunctions, functionNames } from '../../../lib/build/bundle.ts';
import { contentHash } from '../../../lib/build/content-hash.ts';

let outDir: string;
let bundles: Bundles;

beforeAll(async () => {
  outDir = join(await mkdtemp(join(tmpdir(), 'berth-bundles-')), 'functions');
  bundles = await buildFunctions({ outDir });
});
afterAll(() => rm(join(outDir, '..'), { recursive: true }));

describe('buildFunctions', () => {
  it.each(functionNames)('makes of %s a CommonJS bundle with the blueprints beside it', async (name) => {
    const { directory, bytes } = bundles[name];
    expect(bytes).toBe((await stat(join(directory, 'index.js'))).size);
    expect(await readFile(join(directory, 'index.js'), 'utf8')).toContain('module.exports=');
    expect(JSON.parse(await readFile(join(directory, 'package.json'), 'utf8'))).toEqual({ type: 'commonjs' });
    const index = JSON.parse(await readFile(join(directory, 'blueprints', 'index.json'), 'utf8'));
    expect(Object.keys(index)).toEqual(expect.arrayContaining(['hello', 'shop']));
  });

  it('keeps the API small', () => {
    expect(bundles.api.bytes).toBeLessThan(500 * 1024);
  });

  it('leaves alone what was built from the same sources', async () => {
    const file = join(bundles.api.directory, 'index.js');
    const before = await stat(file);
    await buildFunctions({ outDir });
    expect((await stat(file)).mtimeMs).toBe(before.mtimeMs);
  });
});

describe('contentHash', () => {
  it('changes with a file’s content, its name, and what it is given besides', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'berth-hash-'));
    const hashes: string[] = [];
    const note = async (besides?: string) => hashes.push(await contentHash([folder, join(folder, 'absent')], besides));
    await note();
    await writeFile(join(folder, 'a'), 'one');
    await note();
    await writeFile(join(folder, 'a'), 'two');
    await note();
    await note('context');
    await rm(join(folder, 'a'));
    await writeFile(join(folder, 'b'), 'two');
    await note();
    expect(new Set(hashes).size).toBe(5);
    await rm(join(folder, 'b'));
    await note();
    expect(hashes.at(-1)).toBe(hashes[0]);
    await rm(folder, { recursive: true });
  });
});
