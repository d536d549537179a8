import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const requirements = join(import.meta.dirname, 'requirements.txt');

/** Downloading 26 wheels took 12 s here; a slow line may need many times that. */
const installLimit = 300_000;

const otherwise = 'or set BERTH_TEST_DYNAMODB to the URL of a DynamoDB that runs on this machine';

/** Python packages in a folder of their own, for PYTHONPATH. */
export interface SecondDynamoDb {
  python: string;
  packages: string;
}

/**
 * Moto, pinned with all that it needs, installed once into the user's cache and found there afterwards.
 * @throws Error that says what is missing, and how to do without it
 */
export async function installSecondDynamoDb(): Promise<SecondDynamoDb> {
  const python = 'python3';
  const version = await pythonVersion(python);
  const pinned = createHash('sha256')
    .update(await readFile(requirements))
    .digest('hex');
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  // Some of the wheels hold binaries for one version of Python.
  const packages = join(cache, 'berth', 'moto', `${pinned.slice(0, 12)}-py${version}`);
  if (!existsSync(packages)) await install(python, packages);
  return { python, packages };
}

async function pythonVersion(python: string): Promise<string> {
  const script = 'import sys, pip; print("%d.%d" % sys.version_info[:2])';
  // Starting Python takes less than a second.
  const printed = await run(python, ['-c', script], { timeout: 20_000 }).catch((error: unknown) => {
    throw new Error(`the second DynamoDB needs Python 3.10 or newer with pip: install them, ${otherwise}`, {
      cause: error,
    });
  });
  return printed.stdout.trim();
}

/** All or nothing: made beside, and moved into place. Where another process came first, its folder is the same. */
async function install(python: string, packages: string): Promise<void> {
  await mkdir(dirname(packages), { recursive: true });
  const fresh = await mkdtemp(`${packages}.`);
  const quiet = [
    '--quiet',
    '--disable-pip-version-check',
    '--no-input',
    '--no-warn-conflicts',
    '--only-binary',
    ':all:',
  ];
  try {
    await run(
      python,
      ['-m', 'pip', 'install', ...quiet, '--no-deps', '--target', fresh, '--requirement', requirements],
      {
        timeout: installLimit,
      },
    );
    await rename(fresh, packages).catch((error: unknown) => {
      if (!existsSync(packages)) throw error;
    });
  } catch (error) {
    throw new Error(`the second DynamoDB could not be installed: see the cause, ${otherwise}`, { cause: error });
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}
