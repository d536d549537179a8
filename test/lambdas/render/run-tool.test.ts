import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { maxTextLength } from '../../../lambdas/render/parse-objects.ts';
import { runTool } from '../../../lambdas/render/run-tool.ts';

/** A shell as the tool, since it is there. */
const shell = (script: string, run: { stdin?: string; timeLimit?: number } = {}) =>
  runTool({ path: '/bin/sh', args: ['-c', script], ...run });

describe('runTool', () => {
  it('hands stdin in and answers stdout', async () => {
    expect(await shell('/bin/cat', { stdin: 'a: b' })).toBe('a: b');
  });

  it('hands arguments in as they are', async () => {
    const args = ['-c', 'printf "%s\\n" "$@"', 'sh', '$(id)', '; id', '"\'', ''];
    expect(await runTool({ path: '/bin/sh', args })).toBe('$(id)\n; id\n"\'\n\n');
  });

  it('takes the empty home away with it', async () => {
    const home = await shell('echo x > cache; pwd');
    expect(existsSync(home.trim())).toBe(false);
  });

  it('hides this process’s environment', async () => {
    const seen = (await shell('/usr/bin/env')).split('\n').map((line) => line.replace(/=.*/, ''));
    expect(seen).toEqual(expect.arrayContaining(['HOME', 'KUBECONFIG', 'TMPDIR', 'GOMEMLIMIT']));
    const ofTheShell = new Set(['PWD', 'OLDPWD', 'SHLVL', '_', '']);
    expect(seen.filter((name) => !ofTheShell.has(name))).toHaveLength(4);
  });

  it('fails with the tool’s last words, cut in the middle and on one line', async () => {
    const script = 'printf "warning\\nError: it broke\\n  here" >&2; printf "%05000d, since" 0 >&2; exit 1';
    const error: Error = await shell(script).then(
      () => expect.unreachable(),
      (reason) => reason,
    );
    expect(error.name).toBe('RenderFailed');
    expect(error.message).toMatch(/^sh: it broke here0+…0+, since$/);
    expect(error.message.length).toBeLessThan(1024);
  });

  it('leaves Helm’s hint at a flag out, which nobody here can set', async () => {
    const script = 'printf "Error: it broke\n\nUse --debug flag to render out invalid YAML\n" >&2; exit 1';
    await expect(shell(script)).rejects.toThrow(/^sh: it broke$/);
  });

  it('survives a tool that does not read its input', async () => {
    await expect(shell('exit 3', { stdin: 'x'.repeat(1_000_000) })).rejects.toThrow('sh: failed without a word');
  });

  it('stops a tool that prints without end', async () => {
    await expect(shell('while :; do printf "%065536d" 0; done')).rejects.toThrow(
      `printed more than ${maxTextLength} bytes`,
    );
  });

  it('keeps only beginning and end of errors without end', async () => {
    const script = 'echo "Error: it broke" >&2; for i in 1 2 3 4; do printf "%09000000d" 0 >&2; done; exit 1';
    await expect(shell(script)).rejects.toThrow(/^sh: it broke 0+…0+$/);
  });

  it('stops a tool that takes too long', async () => {
    await expect(shell('exec /bin/sleep 60', { timeLimit: 100 })).rejects.toThrow('sh did not end within 0.1 seconds');
  });

  it('tells a tool that ends by itself from one that was stopped', async () => {
    await expect(shell('kill -SEGV $$')).rejects.toThrow('sh was ended by SIGSEGV');
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
