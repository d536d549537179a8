import { readFile } from 'node:fs/promises';
import { LineCounter, parseDocument } from 'yaml';
import type * as z from 'zod';
import { Blueprint } from '../../lambdas/domain/blueprint.ts';

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

/** The problems behind an issue. Of a union's branches, those with the fewest problems are what the author meant. */
function problemsOf(issue: Issue, parent: readonly PropertyKey[] = []): BlueprintProblem[] {
  const path = [...parent, ...issue.path];
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [{ path, detail: issue.message }];
  const branches = issue.errors.map((issues) => issues.flatMap((each) => problemsOf(each, path)));
  const fewest = Math.min(...branches.map((problems) => problems.length));
  const meant = branches.filter((problems) => problems.length === fewest);
  const [only] = meant;
  if (only && meant.length === 1) return only;
  const alternatives = meant.map((problems) => problems.map((problem) => describePath(problem, path)).join(' and '));
  return [{ path, detail: alternatives.join('; or ') }];
}

function describePath({ path, detail }: BlueprintProblem, base: readonly PropertyKey[] = []): string {
  const field = path.slice(base.length).map(String).join('.');
  return field === '' ? detail : `${field}: ${detail}`;
}

const firstLine = (text: string): string => text.split('\n', 1)[0] ?? text;

/**
 * Reads and checks one blueprint.yaml. `label` is how messages name the file.
 * Answers the blueprint, or all that is wrong with it, and a function that puts a later problem into the same words.
 */
export async function readBlueprint(
  file: string,
  label: string,
): Promise<{ read?: WrittenBlueprint; problems: BlueprintProblem[]; describe: Describe }> {
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

  if (document.errors.length > 0) {
    const problems = document.errors.map((error) => ({
      path: [],
      detail: `line ${error.linePos?.[0].line ?? lineCounter.linePos(error.pos[0]).line}: ${firstLine(error.message)}`,
    }));
    return { problems, describe };
  }
  const written: unknown = document.toJS();
  const parsed = Blueprint.safeParse(written);
  if (!parsed.success) return { problems: parsed.error.issues.flatMap((issue) => problemsOf(issue)), describe };
  return { read: { written, blueprint: parsed.data }, problems: [], describe };
}

function hasRange(node: unknown): node is { range: [number, ...number[]] } {
  return typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range);
}
