import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { KubernetesObject } from '../../../lambdas/domain/kubernetes-object.ts';
import { customResourceType } from './custom-resources.ts';
import type { ObjectTable, Stored } from './object-table.ts';
import type { ServedResources } from './resources.ts';

const Manager = z.object({
  manager: z.string(),
  operation: z.enum(['Apply', 'Update']),
  apiVersion: z.string(),
  time: z.string(),
  subresource: z.string().exactOptional(),
  fields: z.string(),
});

const Line = z.discriminatedUnion('type', [
  z.object({ type: z.literal('put'), revision: z.number(), object: KubernetesObject, managers: z.array(Manager) }),
  z.object({ type: z.literal('delete'), revision: z.number(), object: KubernetesObject }),
]);
type Line = z.infer<typeof Line>;

/** A journal is written anew once it has grown to this many times what it held when it was new. */
const growthLimit = 4;
const smallest = 4 * 1024 * 1024;

const keyOf = ({ apiVersion, kind, metadata }: KubernetesObject): string =>
  [apiVersion, kind, metadata.namespace ?? '', metadata.name].join('|');

/** The last line may have been cut short by a kill; what it held was never answered for. */
function parseLine(text: string, isLast: boolean): Line | undefined {
  try {
    return Line.parse(JSON.parse(text));
  } catch (error) {
    if (isLast && error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function readLines(file: string): Line[] {
  if (!existsSync(file)) return [];
  const texts = readFileSync(file, 'utf8')
    .split('\n')
    .filter((text) => text !== '');
  return texts.flatMap((text, index) => parseLine(text, index === texts.length - 1) ?? []);
}

const putLine = ({ object, managers }: Stored, revision: number): string =>
  `${JSON.stringify({ type: 'put', revision, object, managers })}\n`;

/** Definitions first, so that the kinds they define are served when their objects come. */
function restore(lines: readonly Line[], table: ObjectTable, resources: ServedResources): void {
  const alive = new Map<string, Line & { type: 'put' }>();
  for (const line of lines) {
    table.revision = Math.max(table.revision, line.revision);
    if (line.type === 'put') alive.set(keyOf(line.object), line);
    else alive.delete(keyOf(line.object));
  }
  const [definitions, others] = [
    [...alive.values()].filter(({ object }) => object.kind === 'CustomResourceDefinition'),
    [...alive.values()].filter(({ object }) => object.kind !== 'CustomResourceDefinition'),
  ];
  for (const { object, managers } of [...definitions, ...others]) {
    const custom = customResourceType(object);
    if (custom !== undefined) resources.add(custom);
    const resource = resources.ofKind(object.apiVersion, object.kind);
    if (resource !== undefined) table.restore({ resource, object, managers });
  }
}

/** A disk that fills up takes a part without a word. @returns bytes */
function writeWhole(descriptor: number, text: string): number {
  const bytes = Buffer.from(text);
  for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written);
  return bytes.length;
}

/**
 * Keeps a table on disk: reads what is there into it, and from then on writes each change before anybody is told of it, so that a
 * kill at any moment loses nothing that was answered. @returns ends the writing
 */
export function keepJournal(folder: string, table: ObjectTable, resources: ServedResources): () => void {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'objects.jsonl');
  restore(readLines(file), table, resources);
  let size = 0;
  let limit = 0;

  const rewrite = (): number => {
    const fresh = `${file}.new`;
    const head = `${JSON.stringify({ type: 'delete', revision: table.revision, object: nothing })}\n`;
    writeFileSync(
      fresh,
      head +
        table
          .everything()
          .map((stored) => putLine(stored, table.revision))
          .join(''),
    );
    renameSync(fresh, file);
    size = statSync(file).size;
    limit = Math.max(smallest, growthLimit * size);
    return openSync(file, 'a');
  };
  let descriptor = rewrite();
  let isTorn = false;

  const begin = (): void => {
    const former = descriptor;
    descriptor = rewrite();
    closeSync(former);
  };

  const unsubscribe = table.subscribe((change) => {
    const text =
      change.type === 'DELETED'
        ? `${JSON.stringify({ type: 'delete', revision: change.revision, object: nameOnly(change.object) })}\n`
        : putLine(change, change.revision);
    // The disk is full, or was: a line behind half of another would spoil both, and the table has all that is missing.
    if (isTorn) begin();
    else {
      isTorn = true;
      size += writeWhole(descriptor, text);
    }
    isTorn = false;
    if (size >= limit) begin();
  });
  return () => {
    unsubscribe();
    closeSync(descriptor);
  };
}

/** Stands for no object, in a line that only keeps the revision. */
const nothing = { apiVersion: 'v1', kind: 'None', metadata: { name: '' } };

const nameOnly = ({ apiVersion, kind, metadata }: KubernetesObject): KubernetesObject => ({
  apiVersion,
  kind,
  metadata: { ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }), name: metadata.name },
});
