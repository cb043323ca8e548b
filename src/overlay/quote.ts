import { OverlayError } from './errors.ts';

/**
 * Quote text for a line of `uci batch`.
 *
 * Inside single quotes UCI takes every byte as it is; a single quote itself stands outside, behind a backslash.
 *
 * @throws OverlayError OVERLAY_UNSAFE_VALUE for empty text (UCI would delete the option), control characters and text
 * that is not Unicode
 * @see openwrt/uci file.c (parse_single_quote, parse_backslash), util.c (uci_validate_text)
 */
export function uciValue(value: unknown): string {
  const text = requireText(value, 'uci');
  if (text === '') throw unsafe('uci', 'empty');
  return quoteSingle(text);
}

/**
 * A place in UCI: `config.section` or `config.section.option`; the section by name or as `@type[index]`.
 *
 * @throws OverlayError OVERLAY_UNSAFE_VALUE
 * @see openwrt/uci util.c (uci_parse_ptr, uci_validate_str)
 */
export function uciKey(value: unknown): string {
  const text = requireText(value, 'uci-key');
  if (/^[A-Za-z0-9_-]+\.(?:[A-Za-z0-9_]+|@[A-Za-z0-9_-]+\[-?[0-9]+\])(?:\.[A-Za-z0-9_]+)?$/.test(text))
    return text;
  throw unsafe('uci-key', 'characters');
}

/**
 * Quote text as one word of a POSIX shell; the empty word is `''`.
 *
 * @throws OverlayError OVERLAY_UNSAFE_VALUE
 * @see POSIX.1-2017 XCU §2.2.2
 */
export function shWord(value: unknown): string {
  return quoteSingle(requireText(typeof value === 'number' ? String(value) : value, 'sh'));
}

/**
 * A word that nft takes unquoted: a number, a port or a range of ports, an IPv4 address or a name.
 *
 * @throws OverlayError OVERLAY_UNSAFE_VALUE
 */
export function nftToken(value: unknown): string {
  if (typeof value === 'number') {
    if (Number.isSafeInteger(value) && value >= 0) return String(value);
    throw unsafe('nft', 'number');
  }
  const text = requireText(value, 'nft');
  if (isPorts(text) || isAddress4(text) || /^[a-z][a-z0-9_]{0,30}$/.test(text)) return text;
  throw unsafe('nft', 'characters');
}

/**
 * A device name in double quotes, with at most a `*` behind it; nft knows no escapes in strings.
 *
 * @throws OverlayError OVERLAY_UNSAFE_VALUE
 */
export function nftString(value: unknown): string {
  const text = requireText(value, 'nft-string');
  // IFNAMSIZ is 16 with the final NUL.
  if (/^[A-Za-z0-9_.-]{1,15}$/.test(text) || /^[A-Za-z0-9_.-]{1,14}\*$/.test(text)) return `"${text}"`;
  throw unsafe('nft-string', 'characters');
}

/** One line of a plain text file. @throws OverlayError OVERLAY_UNSAFE_VALUE */
export function plainLine(value: unknown): string {
  return requireText(value, 'line');
}

function quoteSingle(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function requireText(value: unknown, place: string): string {
  if (typeof value !== 'string') throw unsafe(place, value === undefined ? 'missing' : typeof value);
  // C0, DEL and C1: no file of ours has a use for them, and each ends or hides a line somewhere.
  if (/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(value)) throw unsafe(place, 'control-character');
  if (/\p{Surrogate}/u.test(value)) throw unsafe(place, 'not-unicode');
  return value;
}

/** nft 1.0.2 takes no range of one port. */
function isPorts(text: string): boolean {
  const match = /^([0-9]{1,5})(?:-([0-9]{1,5}))?$/.exec(text);
  if (match === null) return false;
  const [first, last] = [Number(match[1]), Number(match[2])];
  return match[2] === undefined ? first <= 65535 : first < last && last <= 65535;
}

function isAddress4(text: string): boolean {
  const parts = text.split('.');
  return (
    parts.length === 4 && parts.every((part) => /^(?:0|[1-9][0-9]{0,2})$/.test(part) && Number(part) <= 255)
  );
}

/** The value itself is not named: it may be a secret. */
function unsafe(place: string, reason: string): OverlayError {
  return new OverlayError('OVERLAY_UNSAFE_VALUE', {
    message: `wanted text that can stand in a file on the router (${place}), found ${reason}`,
    hint: 'write the setting as one line of ordinary text, without line breaks and control characters',
    details: { place, reason },
  });
}
