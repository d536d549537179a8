import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startOf } from './process-start.ts';

const mark = /^in-use-by-(\d+)-[\da-f-]+$/;

/** Says of a folder that this process reads from it. @returns takes that back */
export async function useFolder(folder: string): Promise<() => Promise<void>> {
  const gone = (await usersOf(folder)).filter(({ isAlive }) => !isAlive);
  await Promise.all(gone.map(({ file }) => rm(file, { force: true })));
  const file = join(folder, `in-use-by-${process.pid}-${crypto.randomUUID()}`);
  await writeFile(file, (await startOf(process.pid)) ?? '');
  return () => rm(file, { force: true });
}

/** Whether a process that still runs said so; what a killed one left counts for nothing. */
export const isInUse = async (folder: string): Promise<boolean> =>
  (await usersOf(folder)).some(({ isAlive }) => isAlive);

async function usersOf(folder: string): Promise<{ file: string; isAlive: boolean }[]> {
  const users = (await readdir(folder)).flatMap((name) => {
    const [, pid] = mark.exec(name) ?? [];
    return pid === undefined ? [] : [{ pid: Number(pid), file: join(folder, name) }];
  });
  return Promise.all(users.map(async ({ pid, file }) => ({ file, isAlive: await isAlive(pid, file) })));
}

/** A mark that is empty still is being written. */
async function isAlive(pid: number, file: string): Promise<boolean> {
  const started = await startOf(pid);
  const told = await readFile(file, 'utf8').catch(() => '');
  return started !== undefined && (told === '' || told === started);
}
