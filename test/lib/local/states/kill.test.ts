import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';

const host = fileURLToPath(new URL('../../../support/states-process.ts', import.meta.url));
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'states-'));
});
afterEach(() => rm(folder, { recursive: true }));

const steps = async (): Promise<string[]> =>
  (await readFile(join(folder, 'steps'), 'utf8').catch(() => '')).split('\n').slice(0, -1);

/** A host that is killed after so many steps, or is through before. @returns what it printed */
async function live(most: number): Promise<string> {
  const child = spawn(process.execPath, [host, folder, String(most)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [output] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  return output;
}

it('every execution goes on after each of many kills, and repeats a step at most', async () => {
  let kills = 0;
  while (!(await live(kills < 6 ? 15 : 1_000)).includes('all ended')) kills += 1;
  expect(kills).toBe(6);
  const done = await steps();
  for (let index = 0; index < 20; index++) {
    const own = done.filter((line) => line.startsWith(`"x${index} `)).map((line) => line.split(' ')[1]?.[0]);
    const once = own.filter((name, place) => name !== own[place - 1]);
    expect(once).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  }
});
