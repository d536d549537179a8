import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { maxTextLength } from '../../../lambdas/render/parse-objects.ts';
import { runTool } from '../../../lambdas/render/run-tool.ts';

/** Node as the tool, since it is there. */
const node = (script: string, stdin?: string) =>
  runTool({ path: process.execPath, args: ['-e', script], ...(stdin === undefined ? {} : { stdin }) });

describe('runTool', () => {
  it('hands stdin in and answers stdout', async () => {
    expect(await node('process.stdin.pipe(process.stdout)', 'a: b')).toBe('a: b');
  });

  it('takes the empty home away with it', async () => {
    const home = await node('require("fs").writeFileSync("cache", "x"); console.log(process.cwd())');
    expect(existsSync(home.trim())).toBe(false);
  });

  it('hides this process’s environment', async () => {
    const names = Object.keys(JSON.parse(await node('console.log(JSON.stringify(process.env))')));
    expect(names.toSorted()).toEqual(['HOME', 'KUBECONFIG', 'TMPDIR']);
  });

  it('fails with the tool’s last words, cut and on one line', async () => {
    const script = 'console.error("warning\\nError: it broke\\n  here" + "x".repeat(5000)); process.exit(1)';
    const error: Error = await node(script).then(
      () => expect.unreachable(),
      (reason) => reason,
    );
    expect(error.name).toBe('RenderFailed');
    expect(error.message).toMatch(/^node: it broke herex+$/);
    expect(error.message.length).toBeLessThan(1024);
  });

  it('survives a tool that does not read its input', async () => {
    await expect(node('process.exit(3)', 'x'.repeat(1_000_000))).rejects.toThrow('node: failed without a word');
  });

  it('stops a tool that prints without end', async () => {
    await expect(node('const b = "x".repeat(65536); const w = () => process.stdout.write(b, w); w()')).rejects.toThrow(
      `printed more than ${maxTextLength} bytes`,
    );
  });

  it('stops a tool that takes too long', async () => {
    const forever = { path: process.execPath, args: ['-e', 'setInterval(() => {}, 1000)'], timeLimit: 100 };
    await expect(runTool(forever)).rejects.toThrow('node did not end within 0.1 seconds');
  });

  it('says which program could not be started, and is no failure of the blueprint', async () => {
    await expect(runTool({ path: '/nowhere/helm', args: [] })).rejects.toThrow(
      expect.objectContaining({
        name: 'Error',
        message: expect.stringContaining('/nowhere/helm could not be started'),
      }),
    );
  });
});
