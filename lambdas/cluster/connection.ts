import { Agent, type Dispatcher } from 'undici';

/** Where an API server is and how it is known to be the right one. */
export interface ClusterAddress {
  /** `https://…`, or `http://…` for a local proxy that brings its own credentials */
  endpoint: string;
  /** PEM; the machine's own authorities where absent */
  ca?: string | undefined;
}

/** One API server, reached over one kept connection. */
export interface Connection {
  address(): Promise<ClusterAddress>;
  dispatcher(): Promise<Dispatcher>;
  /** `Bearer …`; undefined where the endpoint is a proxy */
  authorization(): Promise<string | undefined>;
  /** Asks again where the cluster is: its certificate or its address may have changed. */
  renew(): Promise<void>;
  close(): Promise<void>;
}

/** Streams in one HTTP/2 session; the API server's own limit is 100 since 1.25 (`--http2-max-streams-per-connection`). */
const streams = 100;

/** Connections where the server speaks HTTP/1.1 only: one per watch of a deploy, and some for requests beside them. */
const connections = 24;

/** A TLS handshake over a continent takes 300 ms; beyond 5 s nobody listens. */
const connectTimeout = 5_000;

/** Response headers of anything but a watch: the API server itself gives up after 60 s, a Lambda's patience is shorter. */
const headersTimeout = 30_000;

/** Silence within a body. Watches get a bookmark about every minute. */
const bodyTimeout = 75_000;

function openAgent({ ca }: ClusterAddress): Agent {
  return new Agent({
    allowH2: true,
    h2Options: { maxConcurrentStreams: streams },
    connections,
    pipelining: 1,
    headersTimeout,
    bodyTimeout,
    connect: { timeout: connectTimeout, ...(ca === undefined ? {} : { ca }) },
  });
}

interface Session {
  address: ClusterAddress;
  agent: Agent;
}

/** Opens nothing yet: `locate` is asked at the first request, `token` at every one. */
export function createConnection(
  locate: () => Promise<ClusterAddress>,
  token: () => Promise<string | undefined>,
): Connection {
  let session: Promise<Session> | undefined;
  let renewal: Promise<void> | undefined;

  async function open(): Promise<Session> {
    const address = await locate();
    return { address, agent: openAgent(address) };
  }
  function current(): Promise<Session> {
    session ??= open().catch((error: unknown) => {
      session = undefined;
      throw error;
    });
    return session;
  }
  async function relocate(): Promise<void> {
    const before = await current();
    const address = await locate();
    if (address.endpoint === before.address.endpoint && address.ca === before.address.ca) return;
    session = Promise.resolve({ address, agent: openAgent(address) });
    // What still runs over the old one is watches, which begin anew by themselves.
    await before.agent.destroy();
  }
  return {
    address: async () => (await current()).address,
    dispatcher: async () => (await current()).agent,
    async authorization() {
      const { address } = await current();
      // `kubectl proxy` passes an Authorization header on, in place of its own.
      if (address.endpoint.startsWith('http://')) return undefined;
      const value = await token();
      return value === undefined ? undefined : `Bearer ${value}`;
    },
    renew() {
      renewal ??= relocate().finally(() => {
        renewal = undefined;
      });
      return renewal;
    },
    async close() {
      await (await session)?.agent.destroy();
      session = undefined;
    },
  };
}
