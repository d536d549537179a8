import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A `kubectl proxy` in front of a real cluster. */
export interface KubectlProxy {
  /** `http://127.0.0.1:PORT` */
  url: string;
  close(): Promise<void>;
}

export interface KubectlProxyOptions {
  kubectlPath: string;
  kubeconfig: string;
  context?: string;
}

/**
 * Starts `kubectl proxy` on a free loopback port, so that any way to log in that kubectl knows works here too.
 * @throws Error with kubectl's own words where it doesn't come up
 */
export async function startKubectlProxy(options: KubectlProxyOptions): Promise<KubectlProxy> {
  const context = options.context === undefined ? [] : ['--context', options.context];
  const args = ['proxy', '--port=0', '--address=127.0.0.1', '--kubeconfig', options.kubeconfig, ...context];
  const child = spawn(options.kubectlPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const said: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => said.push(text));
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
    child.once('error', (error) => {
      said.push(error.message);
      resolve();
    });
  });
  // A host that crashes, or is sent away while it starts, closes nothing; a proxy left behind is an open door to the cluster.
  const killChild = (): void => void child.kill();
  process.once('exit', killChild);
  void ended.then(() => process.off('exit', killChild));
  const port = await Promise.race([
    servedPort(createInterface(child.stdout)),
    ended.then(() => {
      throw new Error(`kubectl proxy did not start: ${said.join('').trim()}`);
    }),
  ]);
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      child.kill();
      await ended;
    },
  };
}

async function servedPort(lines: AsyncIterable<string>): Promise<string> {
  for await (const line of lines) {
    const port = /Starting to serve on \S+:(\d+)/.exec(line)?.[1];
    if (port !== undefined) return port;
  }
  return new Promise(() => {});
}
