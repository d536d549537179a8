import { styleText } from 'node:util';

/** Prints the demo's story for a person; with colours where there is a terminal for them. */
export interface Teller {
  chapter(title: string): void;
  /** what was sent, and what came back */
  call(request: string, answer: string): void;
  /** something that happened, with seconds since the chapter's operation began */
  at(seconds: number, text: string): void;
  good(text: string): void;
  bad(text: string): void;
  note(text: string): void;
}

type Style = Parameters<typeof styleText>[0];

export function createTeller(out: NodeJS.WriteStream): Teller {
  let chapters = 0;
  const styled = (style: Style, text: string): string => styleText(style, text, { stream: out });
  const line = (text: string): void => void out.write(`${text}\n`);
  return {
    chapter(title) {
      chapters += 1;
      line(`\n${styled('bold', `${chapters}  ${title}`)}`);
    },
    call: (request, answer) => line(`   ${styled('cyan', request)}  →  ${answer}`),
    at: (seconds, text) => line(`   ${styled('dim', `${seconds.toFixed(1).padStart(5)} s`)}  ${text}`),
    good: (text) => line(`   ${styled('green', '✔')} ${text}`),
    bad: (text) => line(`   ${styled('red', '✘')} ${text}`),
    note: (text) => line(`   ${styled('dim', text)}`),
  };
}
