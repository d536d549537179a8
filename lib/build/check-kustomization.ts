import { readdir, stat } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import * as z from 'zod';
import { readYaml, schemaProblem } from './read-yaml.ts';

const Entries = z.array(z.string()).nullish();

/** Fields that name other files and folders. kubectl itself keeps files within, but takes folders from anywhere, and URLs. */
const fields = {
  resources: Entries,
  bases: Entries,
  components: Entries,
  crds: Entries,
  configurations: Entries,
  generators: Entries,
  transformers: Entries,
  validators: Entries,
};
const Kustomization = z.looseObject(fields);

export const isKustomization = (name: string): boolean => /^(kustomization\.ya?ml|Kustomization)$/.test(name);

/** What in a Kustomize folder, and in those that it is built on, is not within the blueprint's folder; a sentence each. */
export async function checkKustomization(blueprintFolder: string, start: string): Promise<string[]> {
  const seen = new Set<string>();
  async function inFolder(folder: string): Promise<string[]> {
    const name = (await readdir(folder)).find(isKustomization);
    if (name === undefined || seen.has(folder)) return [];
    seen.add(folder);
    const label = relative(blueprintFolder, join(folder, name));
    const read = await readYaml(join(folder, name), label);
    if ('problem' in read) return [read.problem];
    const parsed = Kustomization.safeParse(read.value ?? {});
    if (!parsed.success) return [`${label}: ${schemaProblem(parsed.error)}`];
    const { data } = parsed;
    const charts = 'helmCharts' in data ? [`${label}: helmCharts are not rendered; use source.helm`] : [];
    const entries = Object.keys(fields).flatMap((field) =>
      (Entries.parse(data[field]) ?? []).map((entry) => inEntry(folder, `${label}: ${field}`, entry)),
    );
    return [...charts, ...(await Promise.all(entries)).flat()];
  }
  async function inEntry(folder: string, label: string, entry: string): Promise<string[]> {
    // Plugins may be written in place.
    if (entry.includes('\n')) return [];
    const path = resolve(folder, entry);
    const isWithin = `${path}${sep}`.startsWith(`${blueprintFolder}${sep}`);
    const there = isWithin ? await stat(path).catch(() => undefined) : undefined;
    if (!there)
      return [
        `${label}: ${JSON.stringify(entry)} is not in the blueprint's folder; nothing else is read, or downloaded`,
      ];
    return there.isDirectory() ? inFolder(path) : [];
  }
  return inFolder(start);
}
