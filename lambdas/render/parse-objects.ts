import type { Document } from 'yaml';
import * as z from 'zod';
import { issueSentence } from '../domain/issue-sentence.ts';
import { KubernetesObject } from '../domain/kubernetes-object.ts';
import { RenderFailed } from '../domain/render-failed.ts';
import { checkDocument } from './check-document.ts';
import { jsonSize } from './json-size.ts';
import { readDocuments } from './read-documents.ts';

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

/**
 * The objects in YAML or JSON, lists flattened, in their order.
 * @throws RenderFailed that names the text and the document, for what is no object, or too much of it
 */
export function parseObjects(texts: readonly ObjectText[]): KubernetesObject[] {
  const length = texts.reduce((sum, { text }) => sum + text.length, 0);
  if (length > maxTextLength) throw new RenderFailed(`${length} characters of objects are more than ${maxTextLength}`);
  const objects: KubernetesObject[] = [];
  let size = 0;
  for (const { value, label } of itemsOf(texts)) {
    const measured = jsonSize(value, maxObjectLength);
    if ('problem' in measured) throw new RenderFailed(`${label}: ${measured.problem}`);
    objects.push(toObject(value, label));
    size += measured.size;
    if (objects.length > maxObjects) throw new RenderFailed(`there are more than ${maxObjects} objects`);
    if (size > maxTextLength) throw new RenderFailed(`the objects are larger than ${maxTextLength} bytes together`);
  }
  return objects;
}

/** A value with what messages call it. */
interface Item {
  value: unknown;
  label: string;
}

/** Everything that is to be an object, one by one: what is too much ends before it is held. */
function* itemsOf(texts: readonly ObjectText[]): Generator<Item> {
  for (const text of texts) for (const item of valuesIn(text)) yield* flattened(item);
}

const List = z.looseObject({ kind: z.string().endsWith('List'), items: z.array(z.unknown()) });

function* flattened({ value, label }: Item): Generator<Item> {
  if (value === null || value === undefined) return;
  const list = List.safeParse(value);
  if (!list.success) yield { value, label };
  else
    for (const [index, item] of list.data.items.entries())
      yield* flattened({ value: item, label: `${label}, item ${index + 1}` });
}

/** The values of a text's documents, as they are read. */
function* valuesIn({ name, text }: ObjectText): Generator<Item> {
  const documents = readDocuments(text);
  const next = () => attempt(name, () => documents.next());
  let current = next();
  for (let number = 1; !current.done; number++) {
    const document = current.value;
    current = next();
    const label = documentLabel(document) ?? (number === 1 && current.done ? name : `${name}, document ${number}`);
    const problem = checkDocument(document);
    if (problem) throw new RenderFailed(`${label}: ${problem.message}${placeOf(text, problem.position)}`);
    yield { value: attempt(label, (): unknown => document.toJS({ maxAliasCount: -1 })), label };
  }
}

/** The line, and not what stands there, as the parser would show it: that may be a Secret's. */
const placeOf = (text: string, position: number): string => ` at line ${text.slice(0, position).split('\n').length}`;

/** Helm writes which template a document comes from. */
function documentLabel(document: Document): string | undefined {
  const comments = [document.commentBefore, document.contents?.commentBefore];
  return comments.flatMap((comment) => /^ Source: (\S+)$/m.exec(comment ?? '')?.[1] ?? [])[0];
}

/** The parser's exceptions (nesting deeper than the stack, more than is ever meant) are the text's fault. */
function attempt<Result>(label: string, parse: () => Result): Result {
  try {
    return parse();
  } catch (cause) {
    const detail =
      cause instanceof RangeError ? 'is nested too deep' : String(cause instanceof Error ? cause.message : cause);
    throw new RenderFailed(`${label}: ${detail}`, { cause });
  }
}

function toObject(value: unknown, label: string): KubernetesObject {
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
  return path === '' ? issueSentence(issue) : `${path}: ${issueSentence(issue)}`;
}
