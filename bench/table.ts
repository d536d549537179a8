/** One table of figures, as it is printed and committed. */
export interface Section {
  title: string;
  /** how it was measured, in a sentence or two */
  method: string;
  columns: readonly string[];
  rows: readonly (readonly string[])[];
}

/** Markdown of a section. */
export function toMarkdown({ title, method, columns, rows }: Section): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [`## ${title}`, '', method, '', line(columns), line(columns.map(() => '---')), ...rows.map(line), ''].join(
    '\n',
  );
}
