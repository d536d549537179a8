import type { FieldProblem } from '../domain/errors.ts';

/** DynamoDB's smallest number; its largest is far above the largest whole number that JSON readers agree on. */
const smallest = 1e-130;

/** The numbers in a body that the table would not give back as they were sent, each by its field. */
export function unkeptNumbers(value: unknown, path: readonly string[] = []): FieldProblem[] {
  if (typeof value === 'number') return isKept(value) ? [] : [{ field: path.join('.') || 'body', detail }];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, below]) => unkeptNumbers(below, [...path, key]));
}

const detail = 'is a number that can’t be kept exactly: send it as a text';

const isKept = (value: number): boolean =>
  Math.abs(value) <= Number.MAX_SAFE_INTEGER && (value === 0 || Math.abs(value) >= smallest);
