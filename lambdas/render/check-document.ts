import { type Alias, type Document, isAlias, isMap, isNode, isScalar, isSeq, type Scalar } from 'yaml';

/** Schemas in the largest definitions have some 70 levels. */
const maxLevels = 200;

/** Written by hand there are a handful; the parser looks through all of them for each. */
const maxAliases = 1000;

/** With what aliases stand for, which may multiply (the "billion laughs"). */
const maxValues = 500_000;

/** What keeps a document from being what it says; `position` is where in the text. */
export interface DocumentProblem {
  message: string;
  position: number;
}

/** The first thing in a document that would be lost, or cost too much, on the way to JSON; without one it is fit for `toJS`. */
export function checkDocument(document: Document): DocumentProblem | undefined {
  const [problem] = [...document.errors, ...document.warnings];
  if (problem) {
    const isTooDeep = problem.code === 'RESOURCE_EXHAUSTION';
    return { message: isTooDeep ? tooDeep : problem.message, position: problem.pos[0] };
  }
  return createWalk().inNode(document.contents, 0);
}

function createWalk() {
  /** values that an anchor stands for; those around the place where we are, and those to come, are not among them */
  const anchored = new Map<string, number>();
  let aliases = 0;
  let values = 0;

  function inAlias(alias: Alias): DocumentProblem | undefined {
    aliases += 1;
    if (aliases > maxAliases) return at(alias, `has more than ${maxAliases} aliases`);
    const known = anchored.get(alias.source);
    if (known === undefined) return at(alias, `alias *${alias.source} stands for nothing that is there before it`);
    values += known;
    return undefined;
  }
  function inNode(node: unknown, levels: number): DocumentProblem | undefined {
    const before = values;
    values += 1;
    if (values > maxValues) return at(node, `holds more than ${maxValues} values, with what its aliases stand for`);
    const problem = isAlias(node) ? inAlias(node) : inValue(node, levels);
    if (isNode(node) && 'anchor' in node && node.anchor !== undefined) anchored.set(node.anchor, values - before);
    return problem;
  }
  function inValue(node: unknown, levels: number): DocumentProblem | undefined {
    if (isScalar(node)) return inScalar(node);
    if (!isMap(node) && !isSeq(node)) return undefined;
    if (levels === maxLevels) return at(node, tooDeep);
    if (isSeq(node)) return first(node.items, (item) => inNode(item, levels + 1));
    const keys = new Set<string>();
    return first(node.items, ({ key, value }) => {
      if (isScalar(key) && key.anchor !== undefined) anchored.set(key.anchor, 1);
      return inKey(key, keys) ?? inNode(value, levels + 1);
    });
  }
  return { inNode };
}

const tooDeep = `is nested deeper than ${maxLevels} levels`;

function inKey(key: unknown, seen: Set<string>): DocumentProblem | undefined {
  if (!isScalar(key)) return at(key, 'has a key that is no text');
  const name = keyText(key.value);
  if (seen.has(name)) return at(key, `keys must be unique, and ${JSON.stringify(name)} is there twice`);
  seen.add(name);
  return undefined;
}

/** A key as JSON has it; the parser's own mark for a merge key is a symbol. */
function keyText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'symbol') return '<<';
  if (typeof value === 'bigint') return value.toString();
  return value === null ? '' : JSON.stringify(value);
}

/** The bounds of 64 bits stand in schemas, where they are doubles for the API server too. */
const bounds = new Set([2n ** 63n - 1n, 2n ** 63n, -(2n ** 63n), 2n ** 64n - 1n]);

/** Integers that were read as such become numbers again. */
function inScalar(scalar: Scalar): DocumentProblem | undefined {
  const { value } = scalar;
  if (typeof value !== 'bigint') return undefined;
  scalar.value = Number(value);
  return Number.isSafeInteger(scalar.value) || bounds.has(value)
    ? undefined
    : at(scalar, `the number ${value} would be rounded; as text, in quotes, it stays as it is`);
}

function first<Item>(
  items: readonly Item[],
  problemOf: (item: Item) => DocumentProblem | undefined,
): DocumentProblem | undefined {
  for (const item of items) {
    const problem = problemOf(item);
    if (problem) return problem;
  }
  return undefined;
}

function at(node: unknown, message: string): DocumentProblem {
  const range = typeof node === 'object' && node !== null && 'range' in node ? node.range : undefined;
  const [start]: unknown[] = Array.isArray(range) ? range : [];
  return { message, position: typeof start === 'number' ? start : 0 };
}
