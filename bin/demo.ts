import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createBerthClient } from '../lib/demo/berth-client.ts';
import { comeUp, expire, fail, update } from '../lib/demo/story.ts';
import { Surprise } from '../lib/demo/surprise.ts';
import { createTeller } from '../lib/demo/teller.ts';
import { type Host, startHost } from '../lib/local/host.ts';

const usage = `npm run demo -- [options]

  --kubeconfig FILE   play on a real cluster instead of the simulated one
`;

const tell = createTeller(process.stdout);

/** @throws Surprise at the first thing that isn't as it should be */
async function play(host: Host): Promise<void> {
  const stage = { client: createBerthClient(host.url), tell, kubectl: host.kubectl };
  await comeUp(stage, 'demo', 'hello');
  await update(stage, 'demo', 'hello', '2.0');
  await fail(stage, 'demo', 'hello');
  await comeUp(stage, 'demo-shop', 'shop');
  await expire(stage, 'demo');
}

async function run(kubeconfig: string | undefined): Promise<void> {
  const began = performance.now();
  const elapsed = (): string => `${((performance.now() - began) / 1000).toFixed(1)} s`;
  const dataDir = await mkdtemp(join(tmpdir(), 'berth-demo-'));
  forgetAtExit(dataDir);
  const cluster = kubeconfig === undefined ? {} : { kubeconfig: { file: kubeconfig } };
  const host = await startHost({ dataDir, port: 0, ...cluster }).catch((error: unknown) => {
    throw new Surprise(error instanceof Error ? error.message : String(error));
  });
  try {
    tell.note(`Berth is up at ${host.url} after ${elapsed()}`);
    await play(host);
  } finally {
    await host.close();
  }
  tell.note(`\n   all as it should be, after ${elapsed()}`);
}

/** However the demo ends, also by Ctrl-C or where nobody reads on, nothing of it is left on this machine. */
function forgetAtExit(dataDir: string): void {
  process.once('exit', () => rmSync(dataDir, { recursive: true, force: true, maxRetries: 3 }));
  process.once('SIGINT', () => process.exit(130));
  process.once('SIGTERM', () => process.exit(143));
  // Shells know a program that stopped writing to nobody by this status.
  process.stdout.once('error', () => process.exit(141));
}

function readOptions() {
  try {
    return parseArgs({ options: { kubeconfig: { type: 'string' }, help: { type: 'boolean', short: 'h' } } }).values;
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    return process.exit(2);
  }
}

try {
  const { kubeconfig, help } = readOptions();
  if (help) console.log(usage);
  else await run(kubeconfig);
} catch (error) {
  const text = error instanceof Surprise || !(error instanceof Error) ? String(error) : (error.stack ?? error.message);
  tell.bad(text);
  process.exitCode = 1;
}
