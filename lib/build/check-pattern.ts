import { isSafePattern } from 'redos-detector';

/** Steps of the search for texts that take long: patterns of everyday use need up to 2,000, and 3,000 take seconds at worst. */
const mostSteps = 3000;

const takesLong =
  'may take very long on a text that does not match: let nothing be matched in two ways, and begin with ^, ' +
  'as ^[a-z]+(-[a-z]+)*$ instead of ^([a-z]+-?)+$';

/**
 * Why an input's pattern isn't taken; undefined where it is. The api function matches what callers send, so no pattern may
 * hold it up: docs/decisions/patterns-are-checked-when-they-are-built.md.
 */
export function patternProblem(pattern: string): string | undefined {
  if (!isRegularExpression(pattern)) return 'is no regular expression';
  try {
    return isSafePattern(pattern, { unicode: true, maxSteps: mostSteps }).safe ? undefined : takesLong;
  } catch {
    return 'can not be checked for backtracking: leave out named groups and flags of groups';
  }
}

function isRegularExpression(pattern: string): boolean {
  try {
    return new RegExp(pattern, 'u') instanceof RegExp;
  } catch {
    return false;
  }
}
