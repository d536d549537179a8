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
  switch (issue.code) {
    case 'invalid_type':
      return issue.message.endsWith('received undefined')
        ? 'is required'
        : `must be ${article[issue.expected] ?? issue.expected}`;
    case 'too_small':
      return issue.message.startsWith('Too small') ? bound('at least', issue.minimum, issue.origin) : issue.message;
    case 'too_big':
      return issue.message.startsWith('Too big') ? bound('at most', issue.maximum, issue.origin) : issue.message;
    case 'invalid_value':
      return `must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.map(String).join(', ')}`;
    default:
      return issue.message;
  }
}
