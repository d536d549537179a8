import { appendFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { AdjustableClock } from '../../lib/local/clock.ts';
import { fileJournal } from '../../lib/local/states/file-journal.ts';
import { createStates } from '../../lib/local/states/states.ts';

/** A host that is killed: node states-process.ts FOLDER [STEPS]. Writes every step that it does to FOLDER/steps; so many, and kill -9. */
const [folder = '', most = 'Infinity'] = process.argv.slice(2);
const machineArn = 'arn:aws:states:eu-central-1:000000000000:stateMachine:steps';
const step = (next: string): object => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Arguments: { FunctionName: 'f', Payload: '{% $states.context.Execution.Name & " " & $states.context.State.Name %}' },
  ...(next === '' ? { End: true } : { Next: next }),
});
const names = ['a', 'b', 'c', 'd', 'e', 'f'];
const definition = {
  QueryLanguage: 'JSONata',
  StartAt: 'a',
  States: Object.fromEntries(names.map((name, index) => [name, step(names[index + 1] ?? '')])),
};

/** Somewhere in what comes of a step: its end is recorded, the next one entered. */
async function die(): Promise<void> {
  for (let turns = Math.floor(Math.random() * 40); turns > 0; turns -= 1) await Promise.resolve();
  process.kill(process.pid, 'SIGKILL');
}

let done = 0;
const states = createStates({
  clock: new AdjustableClock(),
  random: Math.random,
  journal: fileJournal(`${folder}/journal.jsonl`),
  emit: () => {},
  invoke: async (_, payload) => {
    await setTimeout(Math.random() * 20);
    appendFileSync(`${folder}/steps`, `${JSON.stringify(payload)}\n`);
    done += 1;
    if (done === Number(most)) void die();
  },
});
states.register({ arn: machineArn, name: 'steps', definition, roleArn: 'arn:aws:iam::000000000000:role/steps' });
await states.start();
for (let index = 0; index < 20; index++) {
  const started = states.startExecution({ stateMachineArn: machineArn, name: `x${index}`, input: '{}' });
  // it ended in an earlier life
  await started.catch(() => {});
}
while (states.stats().running > 0) await setTimeout(5);
await states.stop();
process.stdout.write('all ended\n');
