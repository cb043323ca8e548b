import { closedError, type ErrorKind, type Finding } from '../errors.ts';

const KIND = {
  /** The one that is thrown; the others are codes of its findings. */
  CONFIG_INVALID: 'input',
  CONFIG_TOO_LARGE: 'input',
  CONFIG_TOO_DEEP: 'input',
  CONFIG_SYNTAX: 'input',
  CONFIG_TAB: 'input',
  CONFIG_DUPLICATE_KEY: 'input',
  CONFIG_UNKNOWN_KEY: 'input',
  CONFIG_MISSING_KEY: 'input',
  CONFIG_EMPTY: 'input',
  CONFIG_WRONG_TYPE: 'input',
  CONFIG_UNQUOTED: 'input',
  CONFIG_LOOKS_BOOLEAN: 'input',
  CONFIG_BAD_TEXT: 'input',
  CONFIG_BAD_CHOICE: 'input',
  CONFIG_TOO_MANY: 'input',
  CONFIG_DUPLICATE_VALUE: 'input',
  CONFIG_BAD_PREFIX: 'input',
  CONFIG_BAD_PROFILE: 'input',
  CONFIG_BAD_RELEASE: 'input',
  CONFIG_BAD_SERVICE: 'input',
  CONFIG_BAD_PATH: 'input',
  CONFIG_BAD_TARGET_PATH: 'input',
  CONFIG_BAD_MODE: 'input',
  CONFIG_FILE_CLASH: 'input',
  CONFIG_BAD_PACKAGE: 'input',
  CONFIG_PACKAGE_CLASH: 'input',
  CONFIG_BAD_LAN_ADDRESS: 'input',
  CONFIG_LAN_PUBLIC: 'input',
  CONFIG_BAD_HOSTNAME: 'input',
  CONFIG_BAD_TIMEZONE: 'input',
  CONFIG_BAD_SERVER: 'input',
  CONFIG_BAD_COUNTRY: 'input',
  CONFIG_BAD_SSID: 'input',
  CONFIG_BAD_WIFI_KEY: 'input',
  CONFIG_WIFI_KEY_MISSING: 'input',
  CONFIG_WIFI_KEY_UNUSED: 'input',
  CONFIG_WIFI_KEY_SAE: 'input',
  CONFIG_WIFI_6G: 'input',
  CONFIG_BAD_SSH_KEY: 'input',
  CONFIG_SSH_NO_KEY: 'input',
  CONFIG_ROOT_OPEN: 'input',
  CONFIG_BAD_PASSWORD_HASH: 'input',
  CONFIG_BAD_SECRET: 'input',
  CONFIG_LITERAL_SECRET: 'input',
  CONFIG_UCI_SECRET: 'input',
  CONFIG_BAD_ENV_NAME: 'input',
  CONFIG_BAD_PORTS: 'input',
  CONFIG_PORTS_MISSING: 'input',
  CONFIG_PORTS_UNUSED: 'input',
  CONFIG_BAD_NAME: 'input',
  CONFIG_BAD_IPV6_HOST: 'input',
  CONFIG_BAD_IPV4_HOST: 'input',
  CONFIG_BAD_FORWARD: 'input',
  CONFIG_FORWARD_COUNT: 'input',
  CONFIG_FORWARD_CLASH: 'input',
  CONFIG_FORWARD_OUTSIDE_LAN: 'input',
  CONFIG_BAD_UCI_NAME: 'input',
  CONFIG_BAD_UCI_VALUE: 'input',
  CONFIG_SOURCE_MISSING: 'input',
  CONFIG_SOURCE_ENCODING: 'input',
  CONFIG_SOURCE_TOO_LARGE: 'input',
  CONFIG_SET_SYNTAX: 'usage',
  CONFIG_SECRET_IN_FLAG: 'usage',
} as const satisfies Record<string, ErrorKind>;

export type ConfigErrorCode = keyof typeof KIND;

/** What can be wrong with the user's settings, wherever they were given. */
export class ConfigError extends closedError('ConfigError', KIND) {}

/**
 * Throw where a check found an error; warnings pass.
 *
 * With one error the code thrown is its own, so that a usage mistake ends as one; with several it is CONFIG_INVALID.
 *
 * @throws ConfigError
 */
export function verifyNoErrors(findings: readonly Finding[]): void {
  const errors = findings.filter((finding) => finding.severity === 'error');
  const [first] = errors;
  if (first === undefined) return;
  if (errors.length === 1 && isConfigErrorCode(first.code)) {
    const { message, details, hint } = first;
    throw new ConfigError(first.code, {
      message,
      findings,
      ...(details === undefined ? {} : { details }),
      ...(hint === undefined ? {} : { hint }),
    });
  }
  throw new ConfigError('CONFIG_INVALID', {
    message: `the settings hold ${errors.length} errors, none are allowed`,
    hint: 'correct each place named above and run again',
    details: { count: errors.length },
    findings,
  });
}

function isConfigErrorCode(code: string): code is ConfigErrorCode {
  return Object.hasOwn(KIND, code);
}
