import { readFile } from 'node:fs/promises';
import { type Document, LineCounter, parseDocument } from 'yaml';
import type * as z from 'zod';
import { Blueprint } from '../../lambdas/domain/blueprint.ts';
import { issueSentence } from '../../lambdas/domain/issue-sentence.ts';
import { sizeProblem, yamlProblem } from './read-yaml.ts';

/** A blueprint.yaml that is well-formed, both as it was written (durations as text) and as it is understood. */
export interface WrittenBlueprint {
  written: unknown;
  blueprint: Blueprint;
}

/** What is wrong with one field; `path` is empty where it is the file as a whole. */
export interface BlueprintProblem {
  path: readonly PropertyKey[];
  detail: string;
}

/** One line per problem, `hello/blueprint.yaml:12: inputs.replicas.type: …`. */
export type Describe = (problem: BlueprintProblem) => string;

type Issue = z.core.$ZodIssue;

/**
 * The problems behind an issue. Of a union's branches, the one with the fewest problems is what the author meant; where
 * there are several, the union's own words say best what would be right.
 */
function problemsOf(issue: Issue, parent: readonly PropertyKey[] = []): BlueprintProblem[] {
  const path = [...parent, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...path, key], detail: 'is no field of a blueprint' }));
  }
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [{ path, detail: issueSentence(issue) }];
  const branches = issue.errors.map((issues) => issues.flatMap((each) => problemsOf(each, path)));
  const fewest = Math.min(...branches.map((problems) => problems.length));
  const meant = branches.filter((problems) => problems.length === fewest);
  const [only] = meant;
  if (only && meant.length === 1) return only;
  if (issue.message !== 'Invalid input') return [{ path, detail: issue.message }];
  const alternatives = meant.map((problems) => problems.map((problem) => describePath(problem, path)).join(' and '));
  return [{ path, detail: alternatives.join('; or ') }];
}

function describePath({ path, detail }: BlueprintProblem, base: readonly PropertyKey[] = []): string {
  const field = path.slice(base.length).map(String).join('.');
  return field === '' ? detail : `${field}: ${detail}`;
}

/** What comes after some errors of the parser comes of them. */
const mostErrors = 5;

/**
 * Reads and checks one blueprint.yaml. `label` is how messages name the file.
 * Answers the blueprint, or all that is wrong with it, and a function that puts a later problem into the same words.
 */
export async function readBlueprint(
  file: string,
  label: string,
): Promise<{ read?: WrittenBlueprint; problems: BlueprintProblem[]; describe: Describe }> {
  const tooLarge = await sizeProblem(file);
  if (tooLarge !== undefined) return whole(label, tooLarge);
  const lineCounter = new LineCounter();
  const document = parseDocument(await readFile(file, 'utf8'), { lineCounter, prettyErrors: false });

  const describe: Describe = (problem) => {
    const line = lineOf(problem.path);
    return `${label}${line === undefined ? '' : `:${line}`}: ${describePath(problem)}`;
  };
  function lineOf(path: readonly PropertyKey[]): number | undefined {
    for (let length = path.length; length > 0; length--) {
      const node: unknown = document.getIn(path.slice(0, length), true);
      if (hasRange(node)) return lineCounter.linePos(node.range[0]).line;
    }
    return undefined;
  }

  const wrong = [...document.errors, ...document.warnings];
  if (wrong.length > 0) {
    const details = wrong.map((error) => `line ${lineCounter.linePos(error.pos[0]).line}: ${yamlProblem(error)}`);
    const problems = [...new Set(details)].slice(0, mostErrors).map((detail) => ({ path: [], detail }));
    return { problems, describe };
  }
  const { written, problem } = valueOf(document);
  if (problem !== undefined) return { problems: [{ path: [], detail: problem }], describe };
  const parsed = Blueprint.safeParse(written);
  if (!parsed.success) return { problems: parsed.error.issues.flatMap((issue) => problemsOf(issue)), describe };
  return { read: { written, blueprint: parsed.data }, problems: [], describe };
}

/** Aliases that stand for too much, or for what they are part of, are found only here. */
function valueOf(document: Document): { written?: unknown; problem?: string } {
  try {
    return { written: document.toJS() };
  } catch (error) {
    return { problem: yamlProblem(error) };
  }
}

/** One problem of the file as a whole. */
const whole = (label: string, detail: string) => ({
  problems: [{ path: [], detail }],
  describe: (problem: BlueprintProblem): string => `${label}: ${describePath(problem)}`,
});

function hasRange(node: unknown): node is { range: [number, ...number[]] } {
  return typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range);
}
