function messageOf(text: string): string {
  try {
    JSON.parse(text);
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const isUnexpectedToken = (text: string): boolean => messageOf(text).startsWith('Unexpected token');

/**
 * Where a text stops being JSON. V8 says it of most errors, and leaves it out for an unexpected token: that one lies at the
 * end of the shortest piece of the text that has it, since any shorter piece is only unfinished.
 */
function positionOf(text: string, message: string): number | undefined {
  const told = /at position (\d+)/.exec(message)?.[1];
  if (told !== undefined) return Number(told);
  if (!message.startsWith('Unexpected token')) return undefined;
  let unfinished = 0;
  let broken = text.length;
  while (broken - unfinished > 1) {
    const middle = Math.floor((unfinished + broken) / 2);
    if (isUnexpectedToken(text.slice(0, middle))) broken = middle;
    else unfinished = middle;
  }
  return unfinished;
}

/** A sentence that says what is wrong with a text that is no JSON, and where: line and column, from 1. */
export function describeBrokenJson(text: string): string {
  const message = messageOf(text);
  const position = positionOf(text, message);
  if (position === undefined) return message;
  const lines = text.slice(0, position).split('\n');
  const what = message.replace(/, (?:\.\.\.)?"[^]*$| in JSON at position[^]*$/, '');
  return `${what} at line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1}`;
}
