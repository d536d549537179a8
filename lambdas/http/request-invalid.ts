import type { z } from 'zod';
import { DomainError, type FieldProblem } from '../domain/errors.ts';
import { issueSentence } from '../domain/issue-sentence.ts';

/** The request does not have the form that the API asks for: every wrong field at once. */
export class RequestInvalid extends DomainError {
  override readonly name = 'RequestInvalid';
  readonly problems: readonly FieldProblem[];
  constructor(problems: readonly FieldProblem[]) {
    super(problems.map((problem) => `${problem.field}: ${problem.detail}`).join('; '));
    this.problems = problems;
  }
}

/** Zod's issues by field; each unknown field is named by itself. */
export const fieldProblems = (issues: readonly z.core.$ZodIssue[]): FieldProblem[] =>
  issues.flatMap((issue) => {
    const field = issue.path.join('.') || 'body';
    if (issue.code !== 'unrecognized_keys') return [{ field, detail: issueSentence(issue) }];
    return issue.keys.map((key) => ({ field: [...issue.path, key].join('.'), detail: 'is no field of this request' }));
  });
