import type { InvocationResult } from './invocation.ts';
import type { SandboxCode, SandboxRequest } from './sandbox.ts';

/** What a thread is started with. */
export interface ThreadData {
  code: SandboxCode;
  /** one 64-bit float: milliseconds that the host's clock is ahead of the machine's */
  clockOffset: SharedArrayBuffer;
}

export type ToThread = SandboxRequest;

export type FromThread =
  | { kind: 'loaded' }
  | { kind: 'not-loaded'; result: InvocationResult }
  | { kind: 'ended'; requestId: string; result: InvocationResult };
