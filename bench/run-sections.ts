import { type Section, toMarkdown } from './table.ts';

/** Prints the tables that the command line names, all where it names none; progress goes to standard error. */
export async function runSections(sections: Readonly<Record<string, () => Promise<Section>>>): Promise<void> {
  const asked = process.argv.slice(2);
  const unknown = asked.filter((name) => !(name in sections));
  if (unknown.length > 0) {
    console.error(`there is no section ${unknown.join(', ')}; there are: ${Object.keys(sections).join(', ')}`);
    process.exit(2);
  }
  for (const [name, measure] of Object.entries(sections)) {
    if (asked.length > 0 && !asked.includes(name)) continue;
    console.error(`measuring ${name} …`);
    console.log(toMarkdown(await measure()));
  }
  // Connections that clients keep alive are no reason to wait.
  process.exit(0);
}
