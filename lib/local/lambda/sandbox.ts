import type { InvocationResult } from './invocation.ts';

/** One invocation as the sandbox gets it. */
export interface SandboxRequest {
  requestId: string;
  payload: string;
  timeoutMilliseconds: number;
}

/** Where a function's code lives: loaded once, then invoked, until it dies or is retired. */
export interface Sandbox {
  /** settles once the code is loaded, or could not be */
  readonly loaded: Promise<void>;
  /** false once the code could not be loaded, has died or was retired: use another one */
  readonly usable: boolean;
  /** Runs the handler. Never rejects: a sandbox that dies meanwhile is a `Runtime.ExitError`. */
  invoke(request: SandboxRequest): Promise<InvocationResult>;
  /** Gives an invocation up: the sandbox takes no more of them, and ends when the others have ended. */
  abandon(requestId: string): void;
  close(): Promise<void>;
}

/** What a sandbox is made from. */
export interface SandboxCode {
  functionName: string;
  functionArn: string;
  /** absolute path */
  directory: string;
  handler: string;
  environment: Readonly<Record<string, string>>;
  memoryMegabytes: number;
}

export type CreateSandbox = (code: SandboxCode) => Sandbox;
