import type { WifiNetwork } from '../config.ts';
import type { Problem } from '../problem.ts';

/**
 * Check the name of a network: 1 to 32 bytes of UTF-8.
 *
 * @see IEEE 802.11-2020 §9.4.2.2 (SSID element)
 */
export function checkSsid(value: string): Problem | undefined {
  const sizeBytes = new TextEncoder().encode(value).length;
  if (sizeBytes >= 1 && sizeBytes <= 32) return undefined;
  return {
    code: 'CONFIG_BAD_SSID',
    wanted: 'a network name of 1 to 32 bytes',
    hint: 'shorten the name; a Japanese character takes three bytes',
    details: { sizeBytes },
  };
}

/** Check a country: two capital letters (ISO 3166-1), or 00 for what every country allows. */
export function checkCountry(value: string): Problem | undefined {
  if (/^(?:[A-Z]{2}|00)$/.test(value)) return undefined;
  return {
    code: 'CONFIG_BAD_COUNTRY',
    wanted: 'a country of two capital letters',
    hint: 'write JP for Japan',
  };
}

/**
 * Check the form of a key: a passphrase of 8 to 63 printable ASCII characters, or 64 hexadecimal digits.
 *
 * @see IEEE 802.11-2020 annex J.4; hostapd.conf wpa_passphrase, wpa_psk
 */
export function checkWifiKey(value: string): Problem | undefined {
  if (/^[\x20-\x7e]{8,63}$/.test(value) || /^[0-9A-Fa-f]{64}$/.test(value)) return undefined;
  const reason = /[^\x20-\x7e]/.test(value) ? 'characters' : value.length < 8 ? 'short' : 'long';
  return {
    code: 'CONFIG_BAD_WIFI_KEY',
    wanted: 'a key of 8 to 63 printable ASCII characters, or 64 hexadecimal digits',
    hint: 'choose a key of that form; the value is not shown here',
    details: { reason },
  };
}

type Encryption = WifiNetwork<unknown>['encryption'];

/** SAE starts from the passphrase itself, which 64 digits (the key derived from it) no longer hold. */
export function checkWifiKeyUse(value: string, encryption: Encryption): Problem | undefined {
  const needsPassphrase = encryption === 'sae' || encryption === 'sae-mixed';
  if (!needsPassphrase || !/^[0-9A-Fa-f]{64}$/.test(value)) return undefined;
  return {
    code: 'CONFIG_WIFI_KEY_SAE',
    wanted: `a passphrase for ${encryption}, not 64 hexadecimal digits`,
    hint: 'give the passphrase, or set encryption: psk2',
    details: { encryption },
  };
}

/** Check that key, encryption and band of one network go together; the second value names the field at fault. */
export function checkWifiNetwork(network: WifiNetwork<unknown>): readonly [Problem, 'key' | 'encryption'][] {
  const { key, encryption, band } = network;
  const problems: [Problem, 'key' | 'encryption'][] = [];
  const open = encryption === 'none' || encryption === 'owe';
  if (open && key !== undefined)
    problems.push([
      {
        code: 'CONFIG_WIFI_KEY_UNUSED',
        wanted: `no key with encryption ${encryption}`,
        hint: 'remove the key, or set encryption: sae-mixed',
        details: { encryption },
      },
      'key',
    ]);
  if (!open && key === undefined)
    problems.push([
      {
        code: 'CONFIG_WIFI_KEY_MISSING',
        wanted: `a key for encryption ${encryption}`,
        hint: 'add key: { file: … } or key: { env: … }; for an open network write encryption: none',
        details: { encryption },
      },
      'key',
    ]);
  if (band === '6g' && encryption !== 'sae' && encryption !== 'owe')
    problems.push([
      {
        code: 'CONFIG_WIFI_6G',
        wanted: 'sae or owe on the 6 GHz band',
        hint: 'write encryption: sae',
        details: { encryption },
      },
      'encryption',
    ]);
  return problems;
}
