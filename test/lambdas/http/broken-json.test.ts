import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeBrokenJson } from '../../../lambdas/http/broken-json.ts';

describe('what is wrong with broken JSON', () => {
  it.each([
    ['{"a": }', "Unexpected token '}' at line 1, column 7"],
    ['{\n  "a": 1,\n  "b": nope\n}', "Unexpected token 'o' at line 3, column 9"],
    ['{"a": 1,}', 'Expected double-quoted property name at line 1, column 9'],
    ['{a: 1}', "Expected property name or '}' at line 1, column 2"],
    ['[1 2]', "Expected ',' or ']' after array element at line 1, column 4"],
    ['{"a": "x', 'Unterminated string at line 1, column 9'],
    ['{"a": 1', "Expected ',' or '}' after property value at line 1, column 8"],
    ['', 'Unexpected end of JSON input'],
    [`{"long": "${'x'.repeat(200)}", "b": ?}`, "Unexpected token '?' at line 1, column 219"],
  ])('%s', (text, sentence) => {
    expect(describeBrokenJson(text)).toBe(sentence);
  });

  it('points at what was broken, wherever that is', () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 2, maxLength: 60 }), fc.nat(), (numbers, seed) => {
        const pieces = numbers.map(String);
        const at = seed % pieces.length;
        const before = `[${pieces.slice(0, at).join(',')}${at === 0 ? '' : ','}`;
        const text = `${before}?${pieces.slice(at).join(',')}]`;

        expect(describeBrokenJson(text)).toBe(`Unexpected token '?' at line 1, column ${before.length + 1}`);
      }),
    );
  });
});
