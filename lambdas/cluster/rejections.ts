import { ApplyRejected, QuotaExceeded, type TeardownStuck, type WorkloadFailed } from '../domain/health/failures.ts';
import { describeObject, type KubernetesObject } from '../domain/kubernetes-object.ts';
import { ClusterUnreachable, KubernetesError } from './errors.ts';
import { isWriteOnly } from './write-only.ts';

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
  // Without the refusal as its cause: that one would be logged, with the values that it quotes.
  if (isWriteOnly(object)) return new ApplyRejected(`${subject}: ${withoutValues(error)}`);
  const fields = error.causes
    .filter(({ field }) => field !== undefined && field !== '')
    .map(({ field, message }) => `${field}: ${message}`);
  return new ApplyRejected(`${subject}: ${fields.length > 0 ? fields.join(', ') : error.message}`, { cause: error });
}

/** Of a Secret: what it says of types and fields, but none of the values that it quotes. */
function withoutValues({ message, causes }: KubernetesError): string {
  const fields = causes.flatMap(({ field, reason }) => (field ? [`${field}: ${reason ?? 'is refused'}`] : []));
  if (fields.length > 0) return fields.join(', ');
  return message.replaceAll(/"(?:[^"\\]|\\.)*"/g, '"…"').replaceAll(/Value:[^}]*/g, 'Value:…');
}

/**
 * Acts, and gives what the API server refuses a name that people and programs know: what it was about stands in its message.
 * @throws `Refused` in place of KubernetesError; otherwise what `act` throws
 */
export async function named<Result>(
  Refused: typeof ApplyRejected | typeof TeardownStuck,
  namespace: string,
  act: () => Promise<Result>,
): Promise<Result> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof KubernetesError)) throw error;
    throw new Refused(`Namespace/${namespace}: ${error.message}`, { cause: error });
  }
}

/** As many as a person reads. */
const mostNamed = 5;

/** One error for all that went wrong in a tier: trouble with the cluster first, since then nothing else is certain. */
export function combined(errors: readonly unknown[]): unknown {
  const passing = errors.find((error) => error instanceof ClusterUnreachable || !isFailed(error));
  if (passing !== undefined) return passing;
  const failures = errors.filter(isFailed);
  const [first] = failures;
  if (!first || failures.length === 1) return first;
  const messages = failures.slice(0, mostNamed).map(({ message }) => message);
  const rest = failures.length - messages.length;
  const text = messages.join('; ') + (rest > 0 ? `; and ${rest} more` : '');
  return first instanceof QuotaExceeded ? new QuotaExceeded(text) : new ApplyRejected(text);
}

const isFailed = (error: unknown): error is WorkloadFailed =>
  error instanceof ApplyRejected || error instanceof QuotaExceeded;
