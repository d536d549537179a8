import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { SecondDynamoDb } from './install-second-dynamodb.ts';

/** It is up in half a second here; ten times that, and more, on a loaded machine. */
const startLimit = 30_000;

export interface RunningDynamoDb extends AsyncDisposable {
  /** `http://127.0.0.1:PORT` */
  url: string;
}

/**
 * Starts it in memory on a free loopback port. It ends when it is disposed of, and when this process does, however that ends.
 * @throws Error with what it printed where it does not come up
 */
export async function startSecondDynamoDb({ python, packages }: SecondDynamoDb): Promise<RunningDynamoDb> {
  const child = spawn(python, [join(import.meta.dirname, 'serve.py')], {
    env: { PATH: process.env.PATH, PYTHONPATH: packages, PYTHONNOUSERSITE: '1', PYTHONDONTWRITEBYTECODE: '1' },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close');
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    // A line for each request; the last few tell why it ended.
    said = (said + text).slice(-4000);
  });
  const port = await Promise.race([
    once(createInterface(child.stdout), 'line', { signal: AbortSignal.timeout(startLimit) }).then(([line]) => line),
    ended,
  ]).catch(() => undefined);
  if (!/^\d+$/.test(String(port))) {
    child.kill('SIGKILL');
    throw new Error(`the second DynamoDB did not come up within ${startLimit / 1000} s: ${said}`);
  }
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
