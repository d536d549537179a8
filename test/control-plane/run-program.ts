import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';

/** A program of the control plane that runs. */
export interface RunningProgram {
  name: string;
  pid: number;
  /** Resolves with what became of it, its last words included. */
  ended: Promise<string>;
  /** Asks it to end, and makes it if it doesn't. */
  stop(): Promise<void>;
}

/** An API server waits for its watches, a few seconds at most; after this it hangs. */
const patience = 10_000;

const lastWords = (file: string): string => readFileSync(file, 'utf8').trim().split('\n').slice(-5).join('\n');

/**
 * Starts a program with its output in a file. It runs in a process group of its own: a Ctrl-C in the terminal must reach the
 * one who stops everything in order, and nobody else.
 */
export function runProgram(name: string, command: string, args: readonly string[], logFile: string): RunningProgram {
  const log = openSync(logFile, 'w');
  const child = spawn(command, args, { stdio: ['ignore', log, log], detached: true });
  closeSync(log);
  let isOver = false;
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`${name} could not be started: ${error.message}`));
    child.once('exit', (code, signal) => resolve(`${name} ended (${signal ?? code}):\n${lastWords(logFile)}`));
  }).finally(() => {
    isOver = true;
  });
  return {
    name,
    pid: child.pid ?? 0,
    ended,
    async stop() {
      if (isOver) return;
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), patience);
      await ended;
      clearTimeout(timer);
    },
  };
}
