import { spawn } from 'node:child_process';

/** node bound-process.ts PROGRAM [ARGUMENT…]: runs it for as long as this process's standard input is open, so that it never outlives who started it. */
const [program = '', ...args] = process.argv.slice(2);
const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'] });
process.stdin.resume().once('close', () => child.kill('SIGKILL'));
child.once('error', (error) => {
  console.error(error.message);
  process.exit(1);
});
child.once('exit', () => process.exit());
