import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Found, findPrograms } from './find-programs.ts';
import { type ProgramModule, type Programs, programModules } from './programs.ts';

/** Programs of the control plane are neither there nor can be built. */
export class ProgramsMissing extends Error {
  override readonly name = 'ProgramsMissing';
}

export interface BuildOptions {
  env?: NodeJS.ProcessEnv;
  /** told what is being done, a line at a time */
  report?: (line: string) => void;
}

/** Between two lines about a build that takes minutes: people should see that it lives. */
const reportEvery = 15_000;

/**
 * The programs of the control plane, built where they are not there yet: minutes the first time, nothing after it.
 * @throws ProgramsMissing that says which are missing, why, and how else to get them
 */
export async function providePrograms({
  env = process.env,
  report = console.error,
}: BuildOptions = {}): Promise<Programs> {
  const modules = programModules(env);
  const { missing } = findPrograms(modules, env);
  for (const module of modules) {
    if (missing.some((name) => module.programs[name] !== undefined)) await build(module, env, report, missing);
  }
  return complete(findPrograms(modules, env));
}

function complete({ programs, missing }: Found): Programs {
  const { etcd, kwok } = programs;
  const { 'kube-apiserver': server, 'kube-controller-manager': manager, 'kube-scheduler': scheduler } = programs;
  if (etcd && server && manager && scheduler && kwok) {
    return { etcd, 'kube-apiserver': server, 'kube-controller-manager': manager, 'kube-scheduler': scheduler, kwok };
  }
  throw new ProgramsMissing(`not there after the build: ${missing.join(', ')}`);
}

/** Into a folder of its own first, so that nobody finds half of them, and two builders at once don't meet. */
async function build(
  module: ProgramModule,
  env: NodeJS.ProcessEnv,
  report: (line: string) => void,
  missing: readonly string[],
): Promise<void> {
  const { folder, kept, programs, linkerFlags, version } = module;
  await mkdir(dirname(kept), { recursive: true });
  const temporary = await mkdtemp(join(dirname(kept), `building-${basename(kept)}-`));
  try {
    const began = performance.now();
    for (const [name, source] of Object.entries(programs)) {
      report(`building ${name} of ${version}`);
      const built = ['-trimpath', `-ldflags=${linkerFlags}`, '-o', join(temporary, name), source];
      await go(['build', '-v', ...built], { folder, env, report, missing });
    }
    await rename(temporary, kept).catch((error: unknown) => {
      // Somebody else was faster with the very same programs.
      if (!(error instanceof Error && 'code' in error && ['ENOTEMPTY', 'EEXIST'].includes(String(error.code))))
        throw error;
    });
    report(`built ${version} in ${Math.round((performance.now() - began) / 1000)} s into ${kept}`);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

interface Call {
  folder: string;
  env: NodeJS.ProcessEnv;
  report: (line: string) => void;
  missing: readonly string[];
}

/** Runs Go with nothing of the user's that would change what is built. */
function go(args: readonly string[], { folder, env, report, missing }: Call): Promise<void> {
  const child = spawn('go', args, {
    cwd: folder,
    env: { ...env, GOFLAGS: '', GOWORK: 'off', CGO_ENABLED: '0', GOOS: '', GOARCH: '' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const last: string[] = [];
  const seen = { modules: 0, packages: 0 };
  createInterface({ input: child.stderr }).on('line', (line) => {
    if (line.startsWith('go: downloading')) seen.modules += 1;
    else seen.packages += 1;
    last.push(line);
    if (last.length > 10) last.shift();
  });
  const timer = setInterval(() => {
    report(`  ${seen.modules} modules downloaded, ${seen.packages} packages compiled`);
  }, reportEvery);
  return new Promise<void>((resolve, reject) => {
    child.once('error', (cause) => reject(cannotBuild(missing, 'there is no go on the PATH', cause)));
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(cannotBuild(missing, `go build ended with ${code}:\n${last.join('\n')}`));
    });
  }).finally(() => clearInterval(timer));
}

const cannotBuild = (missing: readonly string[], why: string, cause?: unknown): ProgramsMissing =>
  new ProgramsMissing(
    `The control plane needs ${missing.join(', ')}, which can't be built: ${why}\n` +
      'Install Go 1.25 or newer (https://go.dev/dl); the first build downloads 1.3 GB and takes about ten minutes.\n' +
      'Or put the programs themselves (Kubernetes 1.35, etcd 3.6, kwok 0.7) into one folder and name it in KUBEBUILDER_ASSETS: ' +
      '`setup-envtest use 1.35` fetches etcd and kube-apiserver, https://dl.k8s.io and the releases of kubernetes-sigs/kwok have the rest.',
    { cause },
  );
