import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const demo = join(import.meta.dirname, '..', '..', 'bin', 'demo.ts');

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'berth-early-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** The demo with its own folder for what passes. */
const startDemo = (...args: string[]) =>
  spawn(process.execPath, ['--disable-warning=ExperimentalWarning', demo, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TMPDIR: folder },
  });

describe('a demo that ends early', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('leaves nothing behind after %s', async (signal, code) => {
    const child = startDemo();
    await once(child.stdout, 'data');
    child.kill(signal);
    expect(await once(child, 'exit')).toEqual([code, null]);
    expect(await readdir(folder)).toEqual([]);
  });

  it('leaves nothing behind where nobody reads on', async () => {
    const child = startDemo();
    const complaints: string[] = [];
    await once(child.stdout, 'data');
    child.stdout.destroy();
    child.stderr.setEncoding('utf8').on('data', (text: string) => complaints.push(text));
    expect(await once(child, 'close')).toEqual([141, null]);
    expect(complaints).toEqual([]);
    expect(await readdir(folder)).toEqual([]);
  });

  it('says why it could not begin, and nothing of the program', async () => {
    const child = startDemo('--kubeconfig', join(folder, 'missing'));
    const said: string[] = [];
    child.stdout.setEncoding('utf8').on('data', (text: string) => said.push(text));
    expect(await once(child, 'close')).toEqual([1, null]);
    expect(said.join('')).toContain('no such file');
    expect(said.join('')).not.toMatch(/^ +at /m);
    expect(await readdir(folder)).toEqual([]);
  });
});
