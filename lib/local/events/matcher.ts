import { isJsonObject, type Json } from '../states/json.ts';

/** Tests one leaf of an event; undefined where the event has no such field. */
export type Matcher = (value: Json | undefined) => boolean;

/** @throws Error that names an operator that isn't known here */
export function compileMatcher(wanted: Json): Matcher {
  if (!isJsonObject(wanted)) return (value) => value === wanted;
  const [operator, operand = null] = Object.entries(wanted)[0] ?? [];
  const compile = Object.keys(wanted).length === 1 && operator ? operators[operator] : undefined;
  if (!compile) throw new Error(`${JSON.stringify(wanted)} is no comparison that the local event bus knows`);
  return compile(operand);
}

const operators: Readonly<Record<string, (operand: Json) => Matcher>> = {
  exists: (wanted) => (value) => (value !== undefined) === wanted,
  prefix: textual('prefix', (value, wanted) => value.startsWith(wanted)),
  suffix: textual('suffix', (value, wanted) => value.endsWith(wanted)),
  'equals-ignore-case': ofText((value, wanted) => value.toLowerCase() === wanted.toLowerCase()),
  wildcard: ofText((value, wanted) => wildcardPattern(wanted).test(value)),
  numeric: compileNumeric,
  'anything-but': compileAnythingBut,
};

function ofText(test: (value: string, wanted: string) => boolean): (operand: Json) => Matcher {
  return (wanted) => {
    if (typeof wanted !== 'string') throw new Error(`${JSON.stringify(wanted)} has to be a text here`);
    return (value) => typeof value === 'string' && test(value, wanted);
  };
}

/** An operator whose text may be wrapped into `equals-ignore-case`. */
function textual(name: string, test: (value: string, wanted: string) => boolean): (operand: Json) => Matcher {
  const plain = ofText(test);
  const ignoringCase = ofText((value, wanted) => test(value.toLowerCase(), wanted.toLowerCase()));
  return (operand) => {
    if (!isJsonObject(operand)) return plain(operand);
    const { 'equals-ignore-case': wanted, ...rest } = operand;
    if (wanted === undefined || Object.keys(rest).length > 0)
      throw new Error(`${name} takes a text or equals-ignore-case`);
    return ignoringCase(wanted);
  };
}

/** `*` is any text; `\*` and `\\` are themselves. */
function wildcardPattern(text: string): RegExp {
  const parts = text.match(/\\[*\\]|\*|[^*\\]+|\\/gu) ?? [];
  const literal = (part: string): string => part.replaceAll(/[\\^$.*+?()[\]{}|/-]/gu, String.raw`\$&`);
  const source = parts.map((part) =>
    part === '*' ? '.*' : literal(part.length === 2 && part.startsWith('\\') ? part.slice(1) : part),
  );
  return new RegExp(`^${source.join('')}$`, 'su');
}

/** A field that is there, and is none of these: values, or one operator over one text or several. */
function compileAnythingBut(operand: Json): Matcher {
  const unwanted = isJsonObject(operand) ? eachOf(operand) : listOf(operand).map(compileMatcher);
  return (value) => value !== undefined && !unwanted.some((matches) => matches(value));
}

function eachOf(operand: { readonly [key: string]: Json }): Matcher[] {
  return Object.entries(operand).flatMap(([operator, wanted]) =>
    listOf(wanted).map((each) => compileMatcher({ [operator]: each })),
  );
}

const listOf = (operand: Json): readonly Json[] => (Array.isArray(operand) ? operand : [operand]);

const comparisons: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  '"="': (value, bound) => value === bound,
  '"<"': (value, bound) => value < bound,
  '"<="': (value, bound) => value <= bound,
  '">"': (value, bound) => value > bound,
  '">="': (value, bound) => value >= bound,
};

function compileNumeric(operand: Json): Matcher {
  const parts = listOf(operand);
  const tests: ((value: number) => boolean)[] = [];
  for (let index = 0; index < parts.length; index += 2) {
    const compare = comparisons[JSON.stringify(parts[index])];
    const bound = parts[index + 1];
    if (!compare || typeof bound !== 'number') throw new Error(`${JSON.stringify(operand)} is no numeric comparison`);
    tests.push((value) => compare(value, bound));
  }
  return (value) => typeof value === 'number' && tests.every((test) => test(value));
}
