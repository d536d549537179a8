import * as z from 'zod';
import { DomainError, type FieldProblem, IllegalTransition, InputRefused, StaleSequence } from '../domain/errors.ts';
import { RequestInvalid } from './request-invalid.ts';

/** Body of every error, RFC 9457. `type` is stable: programs switch on it. */
export const Problem = z.object({
  type: z.url(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  instance: z.string().optional().describe('path of the request'),
  requestId: z.string(),
  errors: z
    .array(z.object({ field: z.string(), detail: z.string() }))
    .optional()
    .describe('every wrong field at once, up to 500'),
  stagingStatus: z.string().optional().describe('409: the status that does not allow what was asked'),
  requested: z.string().optional().describe('409: what was asked'),
  acceptedSequence: z.int().optional().describe('409: the last sequence that was accepted'),
});
export type Problem = z.infer<typeof Problem>;

/** A problem without what belongs to the one request. */
export interface ProblemAnswer {
  status: number;
  slug: string;
  title: string;
  detail: string;
  headers?: Record<string, string>;
  more?: Pick<Problem, 'errors' | 'stagingStatus' | 'requested' | 'acceptedSequence'>;
}

/** A refusal that has no name in the domain: of the way HTTP was used. */
export class HttpRefused extends DomainError {
  override readonly name = 'HttpRefused';
  readonly answer: ProblemAnswer;
  constructor(answer: ProblemAnswer) {
    super(answer.detail);
    this.answer = answer;
  }
}

/** A function answers with 6 MB at most, and a body has room for thousands of fields, each with its sentence. */
const mostFields = 500;

const withFields = (problems: readonly FieldProblem[]) => ({ errors: problems.slice(0, mostFields) });

function oneOrMany({ length }: readonly FieldProblem[]): string {
  if (length === 1) return 'one field is wrong';
  return `${length} fields are wrong${length > mostFields ? `; the first ${mostFields} are named` : ''}`;
}

/** Seconds after which a caller may try again. */
const soon = { 'retry-after': '1' };
const later = { 'retry-after': '60' };

type Names =
  | 'NotFound'
  | 'InvalidCursor'
  | 'CapReached'
  | 'Conflict'
  | 'StoreUnavailable'
  | 'ClusterUnreachable'
  | 'ClusterUnknown'
  | 'ClusterBusy';

const byName: Readonly<Record<Names, Omit<ProblemAnswer, 'detail'>>> = {
  NotFound: { status: 404, slug: 'not-found', title: 'There is no such thing' },
  InvalidCursor: { status: 400, slug: 'invalid-request', title: 'The request is not valid' },
  CapReached: { status: 429, slug: 'cap-reached', title: 'The cap on stagings is reached', headers: later },
  Conflict: { status: 503, slug: 'busy', title: 'Others are changing the staging', headers: soon },
  StoreUnavailable: { status: 503, slug: 'unavailable', title: 'Not available for a moment', headers: soon },
  ClusterUnreachable: { status: 503, slug: 'cluster-unreachable', title: 'The cluster does not answer', headers: soon },
  ClusterUnknown: { status: 503, slug: 'cluster-unknown', title: 'The cluster is not configured', headers: later },
  ClusterBusy: { status: 503, slug: 'cluster-busy', title: 'The cluster is busy', headers: soon },
};

const isNamed = (name: string): name is Names => Object.hasOwn(byName, name);

/** The one table from what is thrown to what HTTP says. Undefined for what nobody expected: a 500, to be logged. */
export function problemOf(error: unknown): ProblemAnswer | undefined {
  if (error instanceof HttpRefused) return error.answer;
  if (error instanceof RequestInvalid) {
    const { problems } = error;
    const title = 'The request is not valid';
    return { status: 400, slug: 'invalid-request', title, detail: oneOrMany(problems), more: withFields(problems) };
  }
  if (error instanceof InputRefused) {
    const { problems } = error;
    const title = 'The blueprint does not allow this';
    return { status: 422, slug: 'input-refused', title, detail: oneOrMany(problems), more: withFields(problems) };
  }
  if (error instanceof IllegalTransition) {
    const more = { stagingStatus: error.status, requested: error.requested };
    const title = 'Not possible in this status';
    return { status: 409, slug: 'illegal-transition', title, detail: error.message, more };
  }
  if (error instanceof StaleSequence) {
    const more = { acceptedSequence: error.accepted };
    const title = 'A newer request was accepted already';
    return { status: 409, slug: 'stale-sequence', title, detail: error.message, more };
  }
  if (!(error instanceof DomainError) || !isNamed(error.name)) return undefined;
  const fields = error.name === 'InvalidCursor' ? [{ field: 'cursor', detail: error.message }] : undefined;
  return { ...byName[error.name], detail: sentenceOf(error), ...(fields ? { more: { errors: fields } } : {}) };
}

/** What AWS said is for the log, not for callers. */
const sentenceOf = (error: DomainError): string =>
  error.name === 'StoreUnavailable' ? 'a service behind this API did not answer; try again' : error.message;

const unexpected: ProblemAnswer = {
  status: 500,
  slug: 'internal-error',
  title: 'Something went wrong here',
  detail: 'the request could not be carried out; the request id finds the cause in the log',
};

/** The problem as it is sent. */
export function toProblem(answer: ProblemAnswer = unexpected, requestId: string, instance?: string): Problem {
  const { slug, title, status, detail, more } = answer;
  return {
    type: `https://berth.dev/problems/${slug}`,
    title,
    status,
    detail,
    ...(instance === undefined ? {} : { instance }),
    requestId,
    ...more,
  };
}
