import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { givenDynamoDb } from './dynamodb-endpoint.ts';

const entry = join(import.meta.dirname, '..', '..', 'bin', 'local.ts');

/** `npm start` as a process of its own, that can be killed. */
export interface HostProcess {
  /** Without a chance to tidy up. */
  kill(): Promise<void>;
  /** As Ctrl-C does. @returns the exit code */
  stop(): Promise<number | null>;
}

/** Resolves when the host has said that it is up. @throws Error with what it printed where it ends before that */
export async function startHostProcess(...args: string[]): Promise<HostProcess> {
  const given = givenDynamoDb();
  const database = given === undefined ? [] : ['--dynamodb', given];
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', entry, ...database, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  await saysThatItRuns(child);
  const end = async (signal: 'SIGKILL' | 'SIGINT'): Promise<number | null> => {
    const ended = once(child, 'exit');
    child.kill(signal);
    const [code] = await ended;
    return code;
  };
  return {
    kill: async () => void (await end('SIGKILL')),
    stop: () => end('SIGINT'),
  };
}

function saysThatItRuns(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        if (said.includes('/v1/openapi.json')) resolve();
      });
    }
    child.once('exit', (code) => reject(new Error(`the host ended with ${code}: ${said}`)));
  });
}

/** Waits until what is appended to a file from now on has the text in it. */
export async function appended(file: string, text: string, begin: () => Promise<unknown>): Promise<void> {
  const handle = await open(file, 'a+');
  try {
    const { size } = await handle.stat();
    await begin();
    for (;;) {
      const now = (await handle.stat()).size;
      const { buffer } = await handle.read(Buffer.alloc(Math.max(now - size, 1)), 0, Math.max(now - size, 1), size);
      if (buffer.includes(text)) return;
      await sleep(1);
    }
  } finally {
    await handle.close();
  }
}
