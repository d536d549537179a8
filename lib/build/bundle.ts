import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileBlueprints } from './blueprints.ts';
import { contentHash } from './content-hash.ts';

const root = join(import.meta.dirname, '..', '..');
const ownBlueprints = join(root, 'blueprints');

/** The functions: each is `lambdas/<name>.ts`, and becomes a folder of its own. */
export const functionNames = ['api', 'cluster', 'records', 'sweep'] as const;
export type FunctionName = (typeof functionNames)[number];

/** A bundle as it is uploaded: `index.js` (CommonJS, exports `handler`) with `blueprints/` beside it. */
export interface Bundle {
  /** absolute path */
  directory: string;
  /** size of index.js */
  bytes: number;
}

export type Bundles = Record<FunctionName, Bundle>;

export interface BundleOptions {
  /** folder that gets one folder a function; in `dist`, one for each folder of blueprints, where absent */
  outDir?: string;
  /** absolute path of the folder of the blueprints that are shipped; `blueprints` where absent */
  blueprintsDir?: string;
}

/**
 * Bundles all functions, each with the blueprints beside it. What is built already from the same sources and the same
 * locked dependencies is left as it is.
 */
export async function buildFunctions(options: BundleOptions = {}): Promise<Bundles> {
  const blueprintsDir = options.blueprintsDir ?? ownBlueprints;
  const outDir = options.outDir ?? join(root, 'dist', nameFor(blueprintsDir));
  const sources = ['lambdas', 'lib/build', 'package-lock.json'].map((path) => join(root, path));
  const hash = await contentHash([...sources, blueprintsDir]);
  const stamp = join(outDir, 'built-from');
  if ((await readFile(stamp, 'utf8').catch(() => '')) !== hash) {
    await replaceFolder(outDir, async (fresh) => {
      await bundleInto(fresh, blueprintsDir);
      await writeFile(join(fresh, 'built-from'), hash);
    });
  }
  const [api, cluster, records, sweep] = await Promise.all([
    describe(outDir, 'api'),
    describe(outDir, 'cluster'),
    describe(outDir, 'records'),
    describe(outDir, 'sweep'),
  ]);
  return { api, cluster, records, sweep };
}

/** `functions`, and another name for other blueprints: hosts of both may be at work. */
const nameFor = (blueprintsDir: string): string =>
  blueprintsDir === ownBlueprints
    ? 'functions'
    : `functions-${createHash('sha256').update(blueprintsDir).digest('hex').slice(0, 8)}`;

async function describe(outDir: string, name: FunctionName): Promise<Bundle> {
  const directory = join(outDir, name);
  return { directory, bytes: (await stat(join(directory, 'index.js'))).size };
}

/**
 * Fills a folder beside the old one and swaps the two, so that nobody ever reads half a build. Where another process
 * swapped in between, its folder stays: it was built from the same sources.
 */
async function replaceFolder(folder: string, fill: (fresh: string) => Promise<void>): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  const fresh = await mkdtemp(`${folder}.`);
  const old = `${fresh}.old`;
  await fill(fresh);
  await rename(folder, old).catch(tolerate('ENOENT'));
  await rename(fresh, folder).catch(tolerate('ENOTEMPTY', 'EEXIST'));
  await Promise.all([fresh, old].map((path) => rm(path, { recursive: true, force: true })));
}

const tolerate =
  (...expected: string[]) =>
  (error: unknown): void => {
    if (!(error instanceof Error && 'code' in error && expected.includes(String(error.code)))) throw error;
  };

async function bundleInto(folder: string, blueprintsDir: string): Promise<void> {
  // Loaded only when there is something to build: it would cost every start of the host 50 ms.
  const { build } = await import('esbuild');
  await Promise.all([
    ...functionNames.map((name) =>
      build({
        entryPoints: [join(root, 'lambdas', `${name}.ts`)],
        outfile: join(folder, name, 'index.js'),
        bundle: true,
        minify: true,
        platform: 'node',
        target: 'node24',
        // CommonJS loads faster than ESM in Lambda; module first lets esbuild shake the SDK's ES modules.
        format: 'cjs',
        mainFields: ['module', 'main'],
        alias: { '@aws-sdk/credential-provider-node': join(import.meta.dirname, 'lambda-credentials.ts') },
        legalComments: 'none',
        logLevel: 'error',
      }),
    ),
    ...functionNames.map((name) => markCommonJs(join(folder, name))),
    ...functionNames.map((name) => compileBlueprints(blueprintsDir, join(folder, name, 'blueprints'))),
  ]);
}

/** Lambda takes `.js` as CommonJS unless told otherwise; below a package of ES modules that has to be said. */
async function markCommonJs(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), '{ "type": "commonjs" }\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [name, bundle] of Object.entries(await buildFunctions())) {
    console.log(`${name.padEnd(8)} ${String(Math.round(bundle.bytes / 1024)).padStart(5)} KB  ${bundle.directory}`);
  }
}
