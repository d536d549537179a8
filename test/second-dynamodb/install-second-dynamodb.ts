import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const crate = { name: 'dynoxide-rs', version: '3.2.0', program: 'dynoxide' };

/** Two to five minutes on two cores that others used as well. */
const buildLimit = 1_200_000;

/** It runs for tests only: built quickly beats fast. */
const quickBuild = {
  CARGO_PROFILE_RELEASE_LTO: 'off',
  CARGO_PROFILE_RELEASE_CODEGEN_UNITS: '16',
  CARGO_PROFILE_RELEASE_OPT_LEVEL: '1',
};

const otherwise = 'or set BERTH_TEST_DYNAMODB to the URL of a DynamoDB that runs on this machine';

/**
 * The program of the second DynamoDB, built from its crate once into the user's cache and found there afterwards.
 * @throws Error that says what is missing or what cargo said, and how to do without
 */
export async function installSecondDynamoDb(): Promise<string> {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const folder = join(cache, 'berth', 'dynoxide', crate.version);
  const program = join(folder, 'bin', crate.program);
  if (existsSync(program)) return program;
  await mkdir(dirname(folder), { recursive: true });
  const fresh = await mkdtemp(`${folder}.`);
  try {
    await build(fresh);
    // All or nothing. Where another process came first, its folder is the same.
    await rename(fresh, folder).catch((error: unknown) => {
      if (!existsSync(program)) throw error;
    });
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
  return program;
}

async function build(root: string): Promise<void> {
  const what = [crate.name, '--version', crate.version, '--locked', '--no-default-features'];
  const features = ['--features', 'native-sqlite,http-server,cli'];
  const options = { env: { ...process.env, ...quickBuild }, timeout: buildLimit, maxBuffer: 16 * 1024 * 1024 };
  try {
    await promisify(execFile)('cargo', ['install', ...what, ...features, '--root', root], options);
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).slice(-2000) : String(error);
    const text = isMissing ? 'needs cargo (Rust 1.88 or newer) to be built: install it' : `was not built: ${said}`;
    throw new Error(`the second DynamoDB ${text}, ${otherwise}`, { cause: error });
  }
}
