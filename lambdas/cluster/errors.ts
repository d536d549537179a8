import * as z from 'zod';
import { DomainError, EndingError } from '../domain/errors.ts';

const Cause = z.object({ reason: z.string().optional(), message: z.string().optional(), field: z.string().optional() });

/** `Status`, with which the API server says no. */
const Status = z.object({
  reason: z.string().optional(),
  message: z.string().optional(),
  details: z.object({ causes: z.array(Cause).optional(), retryAfterSeconds: z.number().optional() }).optional(),
});
export type StatusCause = z.infer<typeof Cause>;

/** The API server's refusal, in its own words. What it means is decided by whoever asked. */
export class KubernetesError extends DomainError {
  override readonly name = 'KubernetesError';
  readonly status: number;
  /** such as `Invalid`, `Conflict`, `Forbidden` */
  readonly reason: string;
  readonly causes: readonly StatusCause[];
  /** milliseconds that the server asks to wait */
  readonly retryAfter: number | undefined;
  constructor(status: number, reason: string, message: string, causes: readonly StatusCause[], retryAfter?: number) {
    super(message);
    this.status = status;
    this.reason = reason;
    this.causes = causes;
    this.retryAfter = retryAfter;
  }
}

/** The cluster does not answer, or not to us; the state machine tries again. */
export class ClusterUnreachable extends DomainError {
  override readonly name = 'ClusterUnreachable';
}

/** The staging's cluster isn't in the configuration: nothing can be done there until it is again. */
export class ClusterUnknown extends EndingError {
  override readonly name = 'ClusterUnknown';
}

/** The API server has too much to do, or is restarting; the state machine tries again. */
export class ClusterBusy extends DomainError {
  override readonly name = 'ClusterBusy';
}

/** Reads an answer that isn't a success; bodies that are no `Status` (proxies, load balancers) are kept as text. */
export function refusal(status: number, body: string, retryAfter: string | undefined): KubernetesError {
  const parsed = Status.safeParse(parseJson(body));
  const { reason, message, details } = parsed.success ? parsed.data : {};
  const seconds = Number(retryAfter ?? details?.retryAfterSeconds ?? Number.NaN);
  return new KubernetesError(
    status,
    reason ?? '',
    message ?? `HTTP ${status}: ${body.slice(0, 200)}`,
    details?.causes ?? [],
    Number.isFinite(seconds) ? seconds * 1000 : undefined,
  );
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Answers that the same question may get better ones for: overload, restarts and election of the control plane. */
const passing: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);

/** The one refusal that comes as a 500: server-side apply's own, of fields that the kind doesn't have. */
const misnamed = /^failed to create typed (?:patch|live) object/;

/** Worth asking again: whatever isn't the API server's considered answer. */
export const isPassing = (error: unknown): boolean =>
  error instanceof KubernetesError
    ? passing.has(error.status) && !misnamed.test(error.message)
    : !(error instanceof DomainError);

export const isRefusal = (error: unknown, status: number): boolean =>
  error instanceof KubernetesError && error.status === status;

/** What is left when the tries are over: busy, out of reach, or the refusal itself. */
export function settled(error: unknown): Error {
  if (error instanceof KubernetesError) {
    if (error.status === 401)
      return new ClusterUnreachable(`the cluster refuses our token: ${error.message}`, { cause: error });
    if (isPassing(error)) return new ClusterBusy(`the cluster is busy: ${error.message}`, { cause: error });
    return error;
  }
  if (error instanceof DomainError) return error;
  return new ClusterUnreachable(`the cluster can't be reached: ${describe(error)}`, { cause: error });
}

/** Network errors often say nothing but a code. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  return error.message === '' ? code : error.message;
}
