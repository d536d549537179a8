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
  /**
   * Asks again where the cluster is: its certificate or its address may have changed. Where a dispatcher is named over which
   * nothing came, it is replaced in any case, and what else runs over it fails at once.
   */
  renew(silent?: Dispatcher): Promise<void>;
  close(): Promise<void>;
}

/** Streams in one HTTP/2 session; the API server's own limit is 100 since 1.25 (`--http2-max-streams-per-connection`). */
const streams = 100;

/** Connections where the server speaks HTTP/1.1 only: one per watch of a deploy, and some for requests beside them. */
const connections = 24;

/** How long is waited for a server that says nothing. Milliseconds. */
export interface Patience {
  /** until TCP and TLS are set up */
  connect: number;
  /** until an answer begins */
  headers: number;
  /** within the body of an answer */
  body: number;
}

/**
 * A TLS handshake over a continent takes 300 ms; beyond 5 s nobody listens. The API server lets a request wait for its turn
 * for 15 s, a quarter of what it allows in all. Watches get a bookmark about every minute.
 */
const usualPatience: Patience = { connect: 5_000, headers: 20_000, body: 75_000 };

function openAgent({ ca }: ClusterAddress, { connect, headers, body }: Patience): Agent {
  return new Agent({
    allowH2: true,
    h2Options: { maxConcurrentStreams: streams },
    connections,
    pipelining: 1,
    headersTimeout: headers,
    bodyTimeout: body,
    connect: { timeout: connect, ...(ca === undefined ? {} : { ca }) },
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
  patience: Patience = usualPatience,
): Connection {
  let session: Promise<Session> | undefined;
  let renewal: Promise<void> | undefined;

  async function open(): Promise<Session> {
    const address = await locate();
    return { address, agent: openAgent(address, patience) };
  }
  function current(): Promise<Session> {
    session ??= open().catch((error: unknown) => {
      session = undefined;
      throw error;
    });
    return session;
  }
  async function relocate(silent: Dispatcher | undefined): Promise<void> {
    const before = await current();
    const address = await locate();
    const isSame = address.endpoint === before.address.endpoint && address.ca === before.address.ca;
    if (isSame && before.agent !== silent) return;
    session = Promise.resolve({ address, agent: openAgent(address, patience) });
    // What still runs over the old one is watches, which begin anew by themselves. Nobody waits for a session's end that may
    // be one of those which don't hear of it.
    before.agent.destroy().catch(() => {});
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
    async renew(silent) {
      // Somebody else has met the same silence, and was faster.
      if (silent && (await current()).agent !== silent) return;
      renewal ??= relocate(silent).finally(() => {
        renewal = undefined;
      });
      await renewal;
      // A renewal that was under way was for another reason.
      if (silent && (await current()).agent === silent) await relocate(silent);
    },
    async close() {
      await (await session)?.agent.destroy();
      session = undefined;
    },
  };
}
