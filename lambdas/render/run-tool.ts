import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { RenderFailed } from '../domain/render-failed.ts';
import { maxTextLength } from './parse-objects.ts';

/** One run of helm or kubectl. */
export interface ToolRun {
  path: string;
  args: readonly string[];
  stdin?: string;
  environment?: Record<string, string>;
  /** milliseconds; `patience` where absent */
  timeLimit?: number;
}

/** A chart of 200 objects takes a second, most of a minute is for a slow chart repository; the step has ten. */
const patience = 60_000;

/** A reason holds 1024 characters, and the object's name goes before. */
const messageLength = 800;

/**
 * Runs a tool in an empty folder of its own, which is its home too and goes away with it, and answers what it printed.
 * It sees neither this process's environment (credentials) nor a kubeconfig.
 * @throws RenderFailed with the end of its stderr; Error where it can't be started
 */
export async function runTool(run: ToolRun): Promise<string> {
  // Only the temporary folder is writable in Lambda.
  const home = await mkdtemp(join(tmpdir(), 'berth-render-'));
  try {
    return await runIn(home, run);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

function runIn(home: string, { path, args, stdin, environment, timeLimit = patience }: ToolRun): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const tool = basename(path);
  const child = spawn(path, args, {
    cwd: home,
    env: { HOME: home, TMPDIR: home, KUBECONFIG: join(home, 'none'), ...environment },
    timeout: timeLimit,
    killSignal: 'SIGKILL',
  });
  const out: Buffer[] = [];
  const errors: Buffer[] = [];
  let length = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length > maxTextLength) child.kill('SIGKILL');
    else out.push(chunk);
  });
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
  // A tool that gives up before it has read everything breaks the pipe; its exit code says why.
  child.stdin.on('error', () => {});
  child.stdin.end(stdin ?? '');
  child.on('error', (cause) => reject(new Error(`${path} could not be started: ${cause.message}`, { cause })));
  child.on('close', (code) => {
    if (code === 0) return resolve(Buffer.concat(out).toString('utf8'));
    if (length > maxTextLength) return reject(new RenderFailed(`${tool} printed more than ${maxTextLength} bytes`));
    if (code === null) return reject(new RenderFailed(`${tool} did not end within ${timeLimit / 1000} seconds`));
    return reject(new RenderFailed(`${tool}: ${tail(Buffer.concat(errors).toString('utf8'))}`));
  });
  return promise;
}

/** The tool's last word: what follows `Error: ` at the start of a line, without the warnings before it. */
function tail(stderr: string): string {
  const text = stderr.slice(Math.max(0, stderr.search(/^error: /im))).replace(/^error: /i, '');
  return text.replaceAll(/\s+/g, ' ').trim().slice(0, messageLength) || 'failed without a word';
}
