import { describe, expect, it } from 'vitest';
import { ConfigError, verifyNoErrors } from '../../src/config/errors.ts';
import { parseFlagLayer } from '../../src/config/flags.ts';
import { parseConfigText } from '../../src/config/parse.ts';

function thrownBy(run: () => void): ConfigError {
  try {
    run();
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('verifyNoErrors', () => {
  it('lets warnings pass', () => {
    verifyNoErrors(parseConfigText('hostname: no', 'f.yaml').findings);
  });

  it('throws several errors as one that holds them all, warnings included', () => {
    const { findings } = parseConfigText('hostname: a_b\nline: x\nrelease: y\ntimezone: no', 'f.yaml');
    const error = thrownBy(() => verifyNoErrors(findings));
    expect([error.code, error.kind, error.details, error.findings.length]).toEqual([
      'CONFIG_INVALID',
      'input',
      { count: 4 },
      4,
    ]);
  });

  it('throws a single error under its own code, so that a usage mistake ends as one', () => {
    const { findings } = parseFlagLayer({ set: ['root.passwordHash=x'] });
    const error = thrownBy(() => verifyNoErrors(findings));
    expect([error.code, error.kind]).toEqual(['CONFIG_SECRET_IN_FLAG', 'usage']);
  });
});
