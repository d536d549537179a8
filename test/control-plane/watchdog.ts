import { spawn } from 'node:child_process';

/** Ends programs whose starter was killed before it could. */
export interface Watchdog {
  watch(pid: number): void;
  stop(): void;
}

/** Programs that don't end when asked to are killed after 5 s: nobody is left who would wait for their order. */
const script = `
pids=
while read -r pid; do pids="$pids $pid"; done
kill -TERM $pids
sleep 5
kill -KILL $pids
`;

/** A small process at the other end of a pipe, which the system closes whenever and however this one ends, kill -9 included. */
export function startWatchdog(): Watchdog {
  const child = spawn('/bin/sh', ['-c', script], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  // It is ended on purpose: what can't be written any more needs no writing.
  child.stdin.on('error', () => {});
  return {
    watch: (pid) => void child.stdin.write(`${pid}\n`),
    stop: () => void child.kill('SIGKILL'),
  };
}
