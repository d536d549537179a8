import { spawnSync } from 'node:child_process';

/**
 * Runs a module's text in a process whose files can't grow beyond so many KiB: as on a disk that fills up, what is written
 * last is cut there, and the next write fails. @returns what it printed
 */
export function onFullDisk(kibibytes: number, source: string): string {
  const limited = `ulimit -f ${kibibytes}; exec "$0" --input-type=module-typescript --eval "$1"`;
  const { stdout, stderr, status } = spawnSync('bash', ['-c', limited, process.execPath, source], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return stdout.trim();
}
