import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Duration, formatDuration } from '../../../lambdas/domain/duration.ts';

describe('a duration', () => {
  it.each([
    ['3d', 259_200_000],
    ['1h30m', 5_400_000],
    ['90s', 90_000],
    ['1d2h3m4s', 93_784_000],
    ['0s', 0],
  ])('%s', (text, milliseconds) => {
    expect(Duration.parse(text)).toBe(milliseconds);
  });

  it.each(['', '3', 'd', '3 d', '1m1h', '-1h', '1.5h', '3w', '12345d', 'soon', 7, null])('is not %j', (text) => {
    expect(Duration.safeParse(text).success).toBe(false);
  });

  it('is written as it is read', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 8_000_000 }), (seconds) => {
        expect(Duration.parse(formatDuration(seconds * 1000))).toBe(seconds * 1000);
      }),
    );
    expect(formatDuration(5_400_000)).toBe('1h30m');
  });
});
