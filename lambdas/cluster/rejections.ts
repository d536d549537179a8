import { ApplyRejected, QuotaExceeded, type WorkloadFailed } from '../domain/health/failures.ts';
import { describeObject, type KubernetesObject } from '../domain/kubernetes-object.ts';
import { ClusterUnreachable, KubernetesError } from './errors.ts';

/** Whether it was refused because a field can't be changed once it is there. */
export const isImmutable = (error: unknown): error is KubernetesError =>
  error instanceof KubernetesError &&
  error.status === 422 &&
  /immutable|may not be changed|updates to .* are forbidden/i.test(
    [error.message, ...error.causes.map(({ message }) => message ?? '')].join(' '),
  );

/** What the API server has against an object, with the fields it names. Errors that are no refusal come back as they are. */
export function rejection(error: unknown, object: KubernetesObject): unknown {
  if (!(error instanceof KubernetesError)) return error;
  const subject = describeObject(object);
  if (/exceeded quota/i.test(error.message)) return new QuotaExceeded(`${subject}: ${error.message}`, { cause: error });
  const fields = error.causes
    .filter(({ field }) => field !== undefined && field !== '')
    .map(({ field, message }) => `${field}: ${message}`);
  return new ApplyRejected(`${subject}: ${fields.length > 0 ? fields.join(', ') : error.message}`, { cause: error });
}

/** As many as a person reads. */
const named = 5;

/** One error for all that went wrong in a tier: trouble with the cluster first, since then nothing else is certain. */
export function combined(errors: readonly unknown[]): unknown {
  const passing = errors.find((error) => error instanceof ClusterUnreachable || !isFailed(error));
  if (passing !== undefined) return passing;
  const failures = errors.filter(isFailed);
  const [first] = failures;
  if (!first || failures.length === 1) return first;
  const messages = failures.slice(0, named).map(({ message }) => message);
  const rest = failures.length - messages.length;
  const text = messages.join('; ') + (rest > 0 ? `; and ${rest} more` : '');
  return first instanceof QuotaExceeded ? new QuotaExceeded(text) : new ApplyRejected(text);
}

const isFailed = (error: unknown): error is WorkloadFailed =>
  error instanceof ApplyRejected || error instanceof QuotaExceeded;
