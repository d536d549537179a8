import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { awaitDynamoDb } from '../../lib/local/dynamodb/external-endpoint.ts';
import { freePort } from '../support/free-ports.ts';

export interface RunningDynamoDb {
  /** `http://127.0.0.1:PORT` */
  url: string;
  stop(): Promise<void>;
}

/**
 * Starts it in memory on a free loopback port. It ends when it is stopped, and when this process does, however that ends.
 * @throws Error with what it printed where it does not come up
 */
export async function startSecondDynamoDb(program: string): Promise<RunningDynamoDb> {
  const port = await freePort();
  const run = [fileURLToPath(new URL('./bound-process.ts', import.meta.url)), program, 'serve', '--port', String(port)];
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...run], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-4000);
    });
  }
  const ended = once(child, 'close');
  const stop = async (): Promise<void> => {
    child.stdin.end();
    await ended;
  };
  const url = `http://127.0.0.1:${port}`;
  try {
    await Promise.race([
      awaitDynamoDb(new URL(url)),
      ended.then(() => {
        throw new Error('it ended');
      }),
    ]);
  } catch (error) {
    await stop();
    throw new Error(`the second DynamoDB did not come up: ${said}`, { cause: error });
  }
  return { url, stop };
}
