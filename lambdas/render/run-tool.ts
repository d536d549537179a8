import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
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
  /** MiB; `mostMemory` where absent */
  memoryLimit?: number;
}

/** A chart of 200 objects takes a second, on half of a slow processor some; what takes thirty never ends. */
const patience = 30_000;

/**
 * MiB that a tool may allocate: a chart that prints the most takes a quarter of it, and the function, which holds 1024 MB,
 * would end with a tool that takes more.
 */
const mostMemory = 512;

/** A reason holds 1024 characters, and the object's name goes before. */
const messageLength = 800;

/** What is kept of stderr: a template fails with whatever it likes. */
const maxErrorLength = 64 * 1024;

/**
 * Runs a tool in an empty folder of its own, which is its home too and goes away with it, and answers what it printed.
 * It sees neither this process's environment (credentials) nor a kubeconfig.
 * @throws RenderFailed with the tool's own words, or where it takes too much time, memory or output; Error where it can't be started
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

function runIn(home: string, run: ToolRun): Promise<string> {
  const { timeLimit = patience, memoryLimit = mostMemory } = run;
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const tool = basename(run.path);
  const child = start(home, { ...run, timeLimit, memoryLimit });
  const out: Buffer[] = [];
  let errors = '';
  let length = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length > maxTextLength) child.kill('SIGKILL');
    else out.push(chunk);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = withoutMiddle(errors + text, maxErrorLength);
  });
  // A tool that gives up before it has read everything breaks the pipe; its exit code says why.
  child.stdin.on('error', () => {});
  child.stdin.end(run.stdin ?? '');
  const notStarted = (cause: string): Error => new Error(`${run.path} could not be started: ${cause}`);
  child.on('error', (cause) => reject(notStarted(cause.message)));
  child.on('close', (code, signal) => {
    if (code === 0) return resolve(Buffer.concat(out).toString('utf8'));
    if (code === 126 || code === 127) return reject(notStarted(errors.trim()));
    if (length > maxTextLength) return reject(new RenderFailed(`${tool} printed more than ${maxTextLength} bytes`));
    if (child.killed) return reject(new RenderFailed(`${tool} did not end within ${timeLimit / 1000} seconds`));
    if (code === null) return reject(new RenderFailed(`${tool} was ended by ${signal}`));
    return reject(new RenderFailed(crashOf(errors, tool, memoryLimit) ?? `${tool}: ${lastWords(errors)}`));
  });
  return promise;
}

/** On Linux, where Lambda is, within the memory limit: the shell sets it and becomes the tool. */
function start(
  home: string,
  { path, args, environment, timeLimit, memoryLimit }: ToolRun & { timeLimit: number; memoryLimit: number },
): ChildProcessWithoutNullStreams {
  // Go collects its garbage as the soft limit comes near, which is what lets large charts keep below the hard one.
  const env = {
    HOME: home,
    TMPDIR: home,
    KUBECONFIG: join(home, 'none'),
    GOMEMLIMIT: `${Math.floor(memoryLimit * 0.75)}MiB`,
  };
  const options = { cwd: home, env: { ...env, ...environment }, timeout: timeLimit, killSignal: 'SIGKILL' as const };
  if (process.platform !== 'linux') return spawn(path, args, options);
  // Where a lower limit holds already, this one can't be set, and isn't needed.
  const limited = `ulimit -d ${memoryLimit * 1024} 2>/dev/null; exec "$0" "$@"`;
  return spawn('/bin/sh', ['-c', limited, path, ...args], options);
}

/** What Go's runtime says of an end that no program can prevent, before pages of stack. */
function crashOf(stderr: string, tool: string, memoryLimit: number): string | undefined {
  const fatal = /^fatal error: (.*)$/m.exec(stderr)?.[1];
  if (fatal === undefined) return undefined;
  return /memory/.test(fatal) ? `${tool} needed more than ${memoryLimit} MiB of memory` : `${tool} crashed: ${fatal}`;
}

/** What follows `Error: ` at the start of a line, without the warnings before it, and Helm's hint at a flag. */
function lastWords(stderr: string): string {
  const text = stderr.slice(Math.max(0, stderr.search(/^error: /im))).replace(/^error: /i, '');
  const words = text.replace(/\s*Use --debug flag to render out invalid YAML\s*$/, '').replaceAll(/\s+/g, ' ');
  return withoutMiddle(words.trim(), messageLength) || 'failed without a word';
}

/** Helm's chains of errors begin with the template and end with the cause. */
function withoutMiddle(text: string, length: number): string {
  if (text.length <= length) return text;
  const half = Math.floor(length / 2) - 1;
  return `${text.slice(0, half)}…${text.slice(-half)}`;
}
