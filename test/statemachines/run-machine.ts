import { FunctionError } from '../../lib/local/states/invoke.ts';
import type { Json } from '../../lib/local/states/json.ts';
import { tryStates } from '../support/states.ts';
import { definitions } from './definitions.ts';

/** What a step answers, every time or one after the other; an Error is thrown. */
export type Answers = Readonly<Record<string, Json | Error | ((payload: Payload) => Json | Error)>>;

export type Payload = { step: string } & Record<string, Json>;

export interface Run {
  status: string | undefined;
  error: string | undefined;
  cause: string | undefined;
  output: unknown;
  /** payloads of all steps, in order */
  payloads: Payload[];
}

/** An error as a function throws it. */
export const thrown = (name: string, message = name): FunctionError => new FunctionError(name, message);

/** Runs a definition of the repository on the interpreter, with functions that answer by step. */
export async function runMachine(kind: string, answers: Answers, input: Json): Promise<Run> {
  const text = definitions.find((definition) => definition.kind === kind)?.text ?? '';
  const filled = text.replaceAll(/\$\{(\w+)\}/g, 'arn:aws:lambda:eu-central-1:000000000000:function:$1');
  const payloads: Payload[] = [];
  const trial = await tryStates({
    definition: JSON.parse(filled),
    invoke: async (_, payload) => {
      payloads.push(payload as Payload);
      const answer = answers[(payload as Payload).step] ?? null;
      const given = typeof answer === 'function' ? answer(payload as Payload) : answer;
      if (given instanceof Error) throw given;
      return given;
    },
  });
  const { status, error, cause, output } = await trial.describe(await trial.begin(input));
  return { status, error, cause, output: output === undefined ? undefined : JSON.parse(output), payloads };
}
