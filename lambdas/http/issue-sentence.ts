import type { z } from 'zod';

type Issue = z.core.$ZodIssue;

const article: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  record: 'an object',
  array: 'a list',
};

const unitOf: Readonly<Record<string, string>> = { string: ' characters', array: ' entries', record: ' keys' };

const bound = (word: string, limit: number | bigint, origin: string): string =>
  `must ${unitOf[origin] ? 'have' : 'be'} ${word} ${limit}${unitOf[origin] ?? ''}`;

/**
 * What is wrong with a field, and what would be right, in one sentence. Schemas that have words of their own keep them:
 * zod's general ones speak of types and sizes as programmers do.
 */
export function issueSentence(issue: Issue): string {
  const { code, message } = issue;
  if (code === 'invalid_type') {
    return message.endsWith('received undefined')
      ? 'is required'
      : `must be ${article[issue.expected] ?? issue.expected}`;
  }
  if (code === 'too_small' && message.startsWith('Too small')) return bound('at least', issue.minimum, issue.origin);
  if (code === 'too_big' && message.startsWith('Too big')) return bound('at most', issue.maximum, issue.origin);
  if (code !== 'invalid_value') return message;
  return `must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.map(String).join(', ')}`;
}
