import { describe, expect, it } from 'vitest';
import { checkBlueprint } from '../../../lib/build/check-blueprint.ts';
import { aBlueprint } from '../../support/world.ts';

describe('a blueprint that counts on archiving', () => {
  it.each([
    { over: { lifetime: { onExpiry: 'archive' } }, path: ['lifetime', 'onExpiry'] },
    { over: { caps: { total: 3, whenFull: 'archive-idlest' } }, path: ['caps', 'whenFull'] },
  ])('is refused, rather than deleted from: $path', ({ over, path }) => {
    expect(checkBlueprint(aBlueprint(over), 'hello').map((problem) => problem.path)).toEqual([path]);
  });
});
