import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProgramName } from './programs.ts';
import { type RunningProgram, runProgram } from './run-program.ts';
import { startWatchdog } from './watchdog.ts';

/** What a control plane is made of, as far as it was started. */
export interface RunningPrograms {
  programs: readonly RunningProgram[];
  /** Resolves with the reason when one ends by itself. */
  broken: Promise<string>;
  run(name: ProgramName, command: string, args: readonly string[]): void;
  stop(): Promise<void>;
}

/** Stops what was started first (etcd) last, since all others want to write into it at their end. */
export function createRunningPrograms(folder: string): RunningPrograms {
  const programs: RunningProgram[] = [];
  const watchdog = startWatchdog();
  const { promise: broken, resolve: tellBroken } = Promise.withResolvers<string>();
  mkdirSync(join(folder, 'logs'), { recursive: true });
  let isStopping = false;
  const pids = join(folder, 'pids');
  writeFileSync(pids, '');
  return {
    programs,
    broken,
    run(name: ProgramName, command: string, args: readonly string[]) {
      const program = runProgram(name, command, args, join(folder, 'logs', `${name}.log`));
      programs.push(program);
      if (program.pid > 0) {
        watchdog.watch(program.pid);
        appendFileSync(pids, `${program.pid}\n`);
      }
      void program.ended.then((end) => (isStopping ? undefined : tellBroken(end)));
    },
    async stop() {
      isStopping = true;
      const [first, ...others] = programs;
      await Promise.all(others.map((program) => program.stop()));
      await first?.stop();
      watchdog.stop();
    },
  };
}
