import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { startOf } from './process-start.ts';

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
