import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** All that a host keeps in its data folder; `.new` is what a killed one was about to put there. */
const own =
  /^(?:clock\.json|cluster|dynamodb\.json|executions\.jsonl|kubeconfig|log|tables|undelivered\.jsonl)(?:\.new)?$/;

/**
 * Forgets what the data folder holds, but for the lock, which is held.
 * @throws Error, with nothing removed, where something lies there that no host wrote: a wrong path must not cost anybody a folder
 */
export async function resetData(dataDir: string): Promise<void> {
  const names = (await readdir(dataDir)).filter((name) => name !== 'host.lock');
  const foreign = names.find((name) => !own.test(name));
  if (foreign !== undefined) {
    throw new Error(`${dataDir} holds ${foreign}, which is not Berth's, so nothing was removed: choose another --data`);
  }
  await Promise.all(names.map((name) => rm(join(dataDir, name), { recursive: true, force: true })));
}
