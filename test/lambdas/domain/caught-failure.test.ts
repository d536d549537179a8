import { describe, expect, it } from 'vitest';
import { failureOf } from '../../../lambdas/domain/caught-failure.ts';

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

  it('keeps within the length of a reason', () => {
    expect(failureOf({ Error: 'X', Cause: 'y'.repeat(5000) }).reason.message).toHaveLength(1024);
  });
});
