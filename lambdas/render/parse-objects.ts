import { type Document, parseAllDocuments } from 'yaml';
import * as z from 'zod';
import { KubernetesObject } from '../domain/kubernetes-object.ts';
import { RenderFailed } from '../domain/render-failed.ts';
import { smallEnough } from './json-size.ts';

/** Text that comes to be objects; `name` is how messages speak of it. */
export interface ObjectText {
  name: string;
  text: string;
}

/** The inventory lists every object in one ConfigMap of at most 1 MiB, and a staging is one product, not a cluster. */
const maxObjects = 1000;

/** The largest charts in common use render to some 2 MiB; four times that is a mistake or an attack. */
export const maxTextLength = 8 * 1024 * 1024;

/** etcd takes requests up to 1.5 MiB. */
const maxObjectLength = 1.5 * 1024 * 1024;

/** Nested aliases multiply (the "billion laughs"); manifests written by hand have a handful. */
const maxAliasCount = 100;

/**
 * The objects in YAML or JSON, lists flattened, in their order.
 * @throws RenderFailed that names the text and the document, for what is no object, or too much of it
 */
export function parseObjects(texts: readonly ObjectText[]): KubernetesObject[] {
  const length = texts.reduce((sum, { text }) => sum + text.length, 0);
  if (length > maxTextLength) throw new RenderFailed(`${length} characters of objects are more than ${maxTextLength}`);
  const objects = texts.flatMap((text) => parseText(text).flatMap(({ value, label }) => toObjects(value, label)));
  if (objects.length > maxObjects) throw new RenderFailed(`${objects.length} objects are more than ${maxObjects}`);
  return objects;
}

interface Parsed {
  value: unknown;
  label: string;
}

function parseText({ name, text }: ObjectText): Parsed[] {
  const documents = attempt(name, () => documentsIn(text));
  const isSingle = documents.length === 1;
  return documents.map((document, index) => {
    const label = documentLabel(document) ?? (isSingle ? name : `${name}, document ${index + 1}`);
    const [problem] = [...document.errors, ...document.warnings];
    if (problem) throw new RenderFailed(`${label}: ${problem.message}${placeOf(text, problem.pos[0])}`);
    const value: unknown = attempt(label, () => document.toJS({ maxAliasCount }));
    return { value, label };
  });
}

/** The line, and not what stands there, as the parser would show it: that may be a Secret's. */
const placeOf = (text: string, position: number): string => ` at line ${text.slice(0, position).split('\n').length}`;

/**
 * YAML as Kubernetes' own tools read it: 1.1, where `0644` is octal and `yes` is true, but without the tags that they
 * lack too: base-60 numbers (`22:30`), dates and binary stay text.
 */
const documentsIn = (text: string): readonly Document[] => {
  const documents = parseAllDocuments(text, {
    version: '1.1',
    prettyErrors: false,
    customTags: (tags) => tags.filter((tag) => typeof tag === 'string' || isKnownToKubernetes(tag)),
  });
  return Array.isArray(documents) ? documents : [];
};

const unknownTags = new Set(['timestamp', 'binary', 'omap', 'pairs', 'set'].map((name) => `tag:yaml.org,2002:${name}`));

const isKnownToKubernetes = (tag: { tag: string; format?: string }): boolean =>
  tag.format !== 'TIME' && !unknownTags.has(tag.tag);

/** Helm writes which template a document comes from. */
function documentLabel(document: Document): string | undefined {
  const comments = [document.commentBefore, document.contents?.commentBefore];
  return comments.flatMap((comment) => /^ Source: (\S+)$/m.exec(comment ?? '')?.[1] ?? [])[0];
}

/** The parser's exceptions (too many aliases, nesting deeper than the stack) are the text's fault. */
function attempt<Result>(label: string, parse: () => Result): Result {
  try {
    return parse();
  } catch (cause) {
    const detail =
      cause instanceof RangeError ? 'is nested too deep' : String(cause instanceof Error ? cause.message : cause);
    throw new RenderFailed(`${label}: ${detail}`, { cause });
  }
}

const List = z.looseObject({ kind: z.string().endsWith('List'), items: z.array(z.unknown()) });

function toObjects(value: unknown, label: string): KubernetesObject[] {
  if (value === null || value === undefined) return [];
  const list = List.safeParse(value);
  if (list.success) return list.data.items.flatMap((item, index) => toObjects(item, `${label}, item ${index + 1}`));
  return [toObject(value, label)];
}

function toObject(value: unknown, label: string): KubernetesObject {
  const problem = smallEnough(value, maxObjectLength);
  if (problem !== undefined) throw new RenderFailed(`${label}: ${problem}`);
  const parsed = KubernetesObject.safeParse(value);
  if (!parsed.success) throw new RenderFailed(`${label}: is no Kubernetes object: ${firstProblem(parsed.error)}`);
  const { kind, metadata } = parsed.data;
  if (metadata.generateName !== undefined) {
    throw new RenderFailed(`${label}: ${kind} has a generateName; a staging's objects need names that stay`);
  }
  if (!metadata.name) throw new RenderFailed(`${label}: ${kind} has no metadata.name`);
  return parsed.data;
}

function firstProblem(error: z.ZodError): string {
  const [issue] = error.issues;
  if (!issue) return 'unknown';
  const path = issue.path.map(String).join('.');
  return path === '' ? issue.message : `${path}: ${issue.message}`;
}
