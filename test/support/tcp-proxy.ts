import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A wire between a client and an API server, which a test can cut, or hold still. What goes over it isn't looked into. */
export interface Wire {
  endpoint: string;
  /** breaks off what is open; new connections get through, and what comes over them too */
  cut(): void;
  /** whether answers have come over a connection that is open now */
  isUsed(): boolean;
  /** lets nothing through any more, and breaks nothing off */
  holdStill(): void;
  close(): Promise<void>;
}

/** More bytes than TLS needs to begin. */
const handshake = 4_096;

export async function layWire(endpoint: string): Promise<Wire> {
  const { hostname, port } = new URL(endpoint);
  const sockets = new Set<Socket>();
  let isStill = false;
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('data', (chunk) => (isStill ? undefined : to.write(chunk)));
      from.on('end', () => to.end());
      // One half that breaks takes the other with it; whose fault it was is for the client to say.
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = (): void => {
    isStill = false;
    for (const socket of sockets) socket.destroy();
  };
  return {
    endpoint: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut,
    isUsed: () => [...sockets].some(({ bytesRead, destroyed }) => bytesRead > handshake && !destroyed),
    holdStill() {
      isStill = true;
    },
    async close() {
      const closed = once(server.close(), 'close');
      cut();
      await closed;
    },
  };
}
