import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rename, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { contentHash } from '../build/content-hash.ts';
import { forgetOldest, unfinished } from './forget-oldest.ts';

const root = join(import.meta.dirname, '..', '..');

/** What the CDK app reads: where one of it changes, the template may. */
const sources = [
  'bin/app.ts',
  'cdk.json',
  'lib/cloud',
  'lib/build',
  'lambdas',
  'statemachines',
  'package-lock.json',
].map((path) => join(root, path));

/** Context of the CDK app, as JSON; the folder of blueprints as an absolute path. */
export type LocalContext = Readonly<Record<string, unknown>> & { readonly blueprintsDir?: string };

/** A cloud assembly and the one stack in it. */
export interface Assembly {
  directory: string;
  stackName: string;
}

const Manifest = z.looseObject({ artifacts: z.record(z.string(), z.looseObject({ type: z.string() })) });

/**
 * The CDK app synthesized with the given context, out of `cacheDir` where it was made from the same sources before.
 * @throws Error with what the app printed where it fails
 */
export async function synthesize(cacheDir: string, context: LocalContext): Promise<Assembly> {
  const { blueprintsDir = join(root, 'blueprints') } = context;
  const key = await contentHash([...sources, blueprintsDir], JSON.stringify(context));
  const directory = join(cacheDir, key.slice(0, 16));
  const cached = await stackIn(directory).catch(() => undefined);
  if (cached !== undefined) {
    await utimes(directory, new Date(), new Date());
    return { directory, stackName: cached };
  }
  await mkdir(cacheDir, { recursive: true });
  const fresh = await mkdtemp(join(cacheDir, unfinished));
  await runApp(fresh, context);
  await rename(fresh, directory).catch(() => rm(fresh, { recursive: true, force: true }));
  // Others may be forgetting the same; what is left over goes the next time.
  await forgetOldest(cacheDir).catch(() => {});
  return { directory, stackName: await stackIn(directory) };
}

async function stackIn(directory: string): Promise<string> {
  const manifest = Manifest.parse(JSON.parse(await readFile(join(directory, 'manifest.json'), 'utf8')));
  const stacks = Object.entries(manifest.artifacts).filter(([, { type }]) => type === 'aws:cloudformation:stack');
  const [only] = stacks;
  if (!only || stacks.length > 1) throw new Error(`the app must synthesize one stack, not ${stacks.length}`);
  return only[0];
}

async function runApp(outDir: string, context: Readonly<Record<string, unknown>>): Promise<void> {
  const child = spawn(process.execPath, [join(root, 'bin', 'app.ts')], {
    cwd: root,
    env: { ...process.env, CDK_OUTDIR: outDir, CDK_CONTEXT_JSON: JSON.stringify(context) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => printed.push(text));
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`the CDK app could not be synthesized:\n${printed.join('')}`);
}
