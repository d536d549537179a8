import { execFile } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod';

const Holder = z.object({ pid: z.int(), started: z.string(), url: z.string() });

/** Another host works on the data. */
export class DataInUse extends Error {
  override readonly name = 'DataInUse';
}

/** Who may write into a data folder. */
export interface DataLock {
  release(): Promise<void>;
}

/**
 * Takes a data folder for this process. A lock whose process is gone, as after kill -9, counts for nothing.
 * @throws DataInUse that says which process holds it, and where that one answers
 */
export async function lockData(dataDir: string, url: string): Promise<DataLock> {
  const file = join(dataDir, 'host.lock');
  const own = { pid: process.pid, started: (await startOf(process.pid)) ?? '', url };
  const tryToWrite = (): Promise<boolean> =>
    writeFile(file, JSON.stringify(own), { flag: 'wx' }).then(
      () => true,
      (error: unknown) => {
        if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
        throw new Error(`nothing can be written into ${dataDir}: choose another --data`, { cause: error });
      },
    );
  if (!(await tryToWrite())) {
    const holder = readHolder(await readFile(file, 'utf8').catch(() => ''));
    if (holder && (await startOf(holder.pid)) === holder.started) {
      throw new DataInUse(
        `${dataDir} is in use by process ${holder.pid}, which answers at ${holder.url}: stop it, or choose another --data`,
      );
    }
    await rm(file, { force: true });
    if (!(await tryToWrite())) throw new DataInUse(`${dataDir} was just taken by another process: try again`);
  }
  return { release: () => rm(file, { force: true }) };
}

/** Undefined for a lock that was torn when its process was killed. */
function readHolder(text: string): z.infer<typeof Holder> | undefined {
  try {
    return Holder.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** When a process was started, in the system's own words, so that a number used again is told apart; undefined if it's gone. */
async function startOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // The name, in brackets, may hold spaces; the start is the twentieth field behind it.
  if (stat !== undefined) return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  if (process.platform === 'linux') return undefined;
  const listed = await promisify(execFile)('ps', ['-o', 'lstart=', '-p', String(pid)]).catch(() => undefined);
  return listed?.stdout.trim();
}
