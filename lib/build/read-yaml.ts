import { readFile, stat } from 'node:fs/promises';
import { parseDocument } from 'yaml';
import type * as z from 'zod';
import { issueSentence } from '../../lambdas/domain/issue-sentence.ts';

/** KiB that a file which describes others may have: the longest in use has a tenth of it, and parsing takes the square of it. */
const largest = 128;

/**
 * What a small YAML file holds, or the one sentence that is wrong with it.
 * @param label how the sentence names the file
 */
export async function readYaml(file: string, label: string): Promise<{ value: unknown } | { problem: string }> {
  const problem = await sizeProblem(file);
  if (problem !== undefined) return { problem: `${label}: ${problem}` };
  const document = parseDocument(await readFile(file, 'utf8'), { prettyErrors: false });
  const [wrong] = [...document.errors, ...document.warnings];
  if (wrong) return { problem: `${label}: ${yamlProblem(wrong)}` };
  try {
    return { value: document.toJS() };
  } catch (error) {
    return { problem: `${label}: ${yamlProblem(error)}` };
  }
}

/** Why a file is not read as YAML at all, or undefined. */
export async function sizeProblem(file: string): Promise<string | undefined> {
  const { size } = await stat(file);
  return size > largest * 1024 ? `is larger than ${largest} KiB` : undefined;
}

/** What the parser has against a text, as a sentence of one line. */
export function yamlProblem(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return isTooDeep(message) ? 'is nested too deep' : (message.split('\n', 1)[0] ?? message);
}

/** The parser catches the end of the stack in most places, and hands its words on. */
const isTooDeep = (message: string): boolean => message.includes('call stack');

/** What a schema has against a value, in one line. */
export const schemaProblem = (error: z.ZodError): string =>
  error.issues.map((issue) => `${issue.path.map(String).join('.') || 'it'}: ${issueSentence(issue)}`).join('; ');
