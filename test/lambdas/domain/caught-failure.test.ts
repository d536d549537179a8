import { describe, expect, it } from 'vitest';
import { failureOf } from '../../../lambdas/domain/caught-failure.ts';
import { ApplyRejected } from '../../../lambdas/domain/health/failures.ts';
import { RenderFailed } from '../../../lambdas/domain/render-failed.ts';

const cause = (errorMessage: string) => JSON.stringify({ errorType: 'X', errorMessage, trace: ['at x'] });

describe('the failure that a caught error tells', () => {
  it('has the code and the object of an error that is named as a reason', () => {
    const error = { Error: 'ImageNotFound', Cause: cause('Pod/web-1: there is no image web:v9') };

    expect(failureOf(error).reason).toEqual({
      code: 'ImageNotFound',
      message: 'Pod/web-1: there is no image web:v9',
      object: 'Pod/web-1',
    });
  });

  it.each([
    { error: { Error: 'States.Timeout' }, code: 'TimedOut', message: /no more is known/ },
    {
      error: { Error: 'TypeError', Cause: cause('x is not a function') },
      code: 'InternalError',
      message: /TypeError: x/,
    },
    { error: { Error: 'Lambda.Unknown', Cause: 'no JSON' }, code: 'InternalError', message: /Lambda.Unknown: no JSON/ },
    { error: { Error: 'ClusterBusy', Cause: cause('429') }, code: 'ClusterUnreachable', message: /429/ },
    { error: undefined, code: 'InternalError', message: /without saying why/ },
  ])('says $code of $error.Error', ({ error, code, message }) => {
    expect(failureOf(error).reason.code).toBe(code);
    expect(failureOf(error).reason.message).toMatch(message);
  });

  it('is found in a cause that Step Functions has cut', () => {
    const message = 'Secret/a: is "wrong"\nand long';
    const whole = JSON.stringify({ errorType: 'ApplyRejected', errorMessage: message, trace: ['x'.repeat(40_000)] });
    for (const length of [32_768, 80]) {
      expect(failureOf({ Error: 'ApplyRejected', Cause: whole.slice(0, length) }).reason).toEqual({
        code: 'ApplyRejected',
        message,
        object: 'Secret/a',
      });
    }
    const { errorMessage } = { errorMessage: 'Pod/a: '.padEnd(40_000, 'x') };
    const cut = JSON.stringify({ errorType: 'TimedOut', errorMessage }).slice(0, 32_768);
    expect(failureOf({ Error: 'TimedOut', Cause: cut }).reason.message).toMatch(/^Pod\/a: x+$/);
  });

  it('is short from the beginning, so that none is cut', () => {
    expect(new ApplyRejected('x'.repeat(50_000)).message).toHaveLength(1024);
    expect(new RenderFailed('x'.repeat(50_000)).message).toHaveLength(1024);
  });

  it('keeps within the length of a reason', () => {
    expect(failureOf({ Error: 'X', Cause: 'y'.repeat(5000) }).reason.message).toHaveLength(1024);
  });
});
