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

const unitOf: Readonly<Record<string, readonly [one: string, many: string]>> = {
  string: ['character', 'characters'],
  array: ['entry', 'entries'],
  record: ['key', 'keys'],
};

function bound(word: string, limit: number | bigint, origin: string): string {
  const unit = unitOf[origin]?.[limit === 1 ? 0 : 1];
  return unit === undefined ? `must be ${word} ${limit}` : `must have ${word} ${limit} ${unit}`;
}

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
  if (code === 'too_small' && message.startsWith('Too small')) {
    return bound(issue.inclusive === false ? 'more than' : 'at least', issue.minimum, issue.origin);
  }
  if (code === 'too_big' && message.startsWith('Too big')) return bound('at most', issue.maximum, issue.origin);
  if (code === 'invalid_key') return `has a wrong name, which ${issue.issues.map(issueSentence).join(' and ')}`;
  // The one union in requests is JSON itself, and what was read from JSON can't be it only where a number is too large.
  if (code === 'invalid_union' && message === 'Invalid input')
    return 'holds a number that is too large; send it as text';
  if (message === 'Invalid URL') return 'must be a URL such as "https://example.com/"';
  if (code !== 'invalid_value') return message.replace(/^Invalid string: /, '');
  return `must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.map(String).join(', ')}`;
}
