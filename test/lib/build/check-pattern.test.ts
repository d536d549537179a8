import { describe, expect, it } from 'vitest';
import { patternProblem } from '../../../lib/build/check-pattern.ts';

describe('a pattern', () => {
  it.each([
    '^[A-Za-z0-9_][A-Za-z0-9_.-]*$',
    '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$',
    '^v?\\d+\\.\\d+\\.\\d+(-[0-9A-Za-z.-]+)?$',
    '^[a-z0-9._-]+(/[a-z0-9._-]+)*(:[\\w.-]{1,128})?(@sha256:[0-9a-f]{64})?$',
    '^https?://[a-z0-9.-]+(:\\d+)?(/\\S*)?$',
    '^(debug|info|warn)$',
    '^(?!latest$)\\p{L}+$',
    'canary',
  ])('of everyday use is taken: %s', (pattern) => {
    expect(patternProblem(pattern)).toBeUndefined();
  });

  it.each([
    '^(a+)+$',
    '^(a|a)*$',
    '^(a|aa)+$',
    '(x+x+)+y',
    '^(\\w+\\s?)*$',
    '^(a{1,500}){1,500}$',
    '[a-z]+$',
    '^a*a*$',
  ])('that may take very long is refused: %s', (pattern) => {
    expect(patternProblem(pattern)).toMatch(/^may take very long/);
  });

  it('is refused where nobody can read it', () => {
    expect(patternProblem('[a')).toBe('is no regular expression');
    expect(patternProblem('(?<name>a+)+')).toMatch(/leave out named groups/);
  });
});
