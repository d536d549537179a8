import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Systems give out no port below 32768 by themselves: what is free here stays free while the program for it starts. */
const [lowest, highest] = [20_000, 30_000];

/** Loopback ports that nobody uses at this moment, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = randomInt(lowest, highest);
    if (await isFree(port)) ports.add(port);
  }
  return [...ports];
}

export async function freePort(): Promise<number> {
  const [port = 0] = await freePorts(1);
  return port;
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer().once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
