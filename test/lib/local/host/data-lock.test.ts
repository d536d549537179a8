import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DataInUse, lockData } from '../../../../lib/local/data-lock.ts';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'berth-lock-'));
});
afterEach(() => rm(dataDir, { recursive: true }));

const file = () => join(dataDir, 'host.lock');

describe('the lock on a data folder', () => {
  it('refuses a second host and says where the first one answers', async () => {
    await lockData(dataDir, 'http://localhost:1');
    const second = lockData(dataDir, 'http://localhost:2');
    await expect(second).rejects.toThrow(DataInUse);
    await expect(second).rejects.toThrow(`process ${process.pid}, which answers at http://localhost:1`);
  });

  it('is free again once released', async () => {
    await (await lockData(dataDir, 'http://localhost:1')).release();
    await expect(lockData(dataDir, 'http://localhost:2')).resolves.toBeDefined();
  });

  it.each([
    ['whose process is gone', JSON.stringify({ pid: 2 ** 30, started: '1', url: 'http://localhost:1' })],
    ['whose number another process has by now', JSON.stringify({ pid: process.pid, started: '-', url: 'http://x' })],
    ['that was torn', '{"pid":'],
  ])('takes over from a lock %s', async (_which, left) => {
    await writeFile(file(), left);
    await lockData(dataDir, 'http://localhost:2');
    expect(JSON.parse(await readFile(file(), 'utf8'))).toMatchObject({ pid: process.pid, url: 'http://localhost:2' });
  });
});
