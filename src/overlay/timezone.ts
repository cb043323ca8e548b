/**
 * POSIX forms of the time zones a router is likely to stand in: what `TZ` holds on the router, which has no zone files.
 *
 * @see POSIX.1-2017 XBD §8.3 (TZ); IANA tzdata 2025b (footer of each TZif file, RFC 8536 §3.3)
 */
const POSIX_BY_ZONE: Readonly<Record<string, string>> = {
  'Africa/Cairo': 'EET-2EEST,M4.5.5/0,M10.5.4/24',
  'Africa/Johannesburg': 'SAST-2',
  'America/Anchorage': 'AKST9AKDT,M3.2.0,M11.1.0',
  'America/Chicago': 'CST6CDT,M3.2.0,M11.1.0',
  'America/Denver': 'MST7MDT,M3.2.0,M11.1.0',
  'America/Los_Angeles': 'PST8PDT,M3.2.0,M11.1.0',
  'America/New_York': 'EST5EDT,M3.2.0,M11.1.0',
  'America/Phoenix': 'MST7',
  'America/Sao_Paulo': '<-03>3',
  'America/Toronto': 'EST5EDT,M3.2.0,M11.1.0',
  'America/Vancouver': 'PST8PDT,M3.2.0,M11.1.0',
  'Asia/Bangkok': '<+07>-7',
  'Asia/Dubai': '<+04>-4',
  'Asia/Ho_Chi_Minh': '<+07>-7',
  'Asia/Hong_Kong': 'HKT-8',
  'Asia/Jakarta': 'WIB-7',
  'Asia/Kathmandu': '<+0545>-5:45',
  'Asia/Kolkata': 'IST-5:30',
  'Asia/Kuala_Lumpur': '<+08>-8',
  'Asia/Manila': 'PST-8',
  'Asia/Seoul': 'KST-9',
  'Asia/Shanghai': 'CST-8',
  'Asia/Singapore': '<+08>-8',
  'Asia/Taipei': 'CST-8',
  'Asia/Tokyo': 'JST-9',
  'Asia/Ulaanbaatar': '<+08>-8',
  'Australia/Adelaide': 'ACST-9:30ACDT,M10.1.0,M4.1.0/3',
  'Australia/Brisbane': 'AEST-10',
  'Australia/Melbourne': 'AEST-10AEDT,M10.1.0,M4.1.0/3',
  'Australia/Perth': 'AWST-8',
  'Australia/Sydney': 'AEST-10AEDT,M10.1.0,M4.1.0/3',
  'Etc/UTC': 'UTC0',
  'Europe/Amsterdam': 'CET-1CEST,M3.5.0,M10.5.0/3',
  'Europe/Berlin': 'CET-1CEST,M3.5.0,M10.5.0/3',
  'Europe/London': 'GMT0BST,M3.5.0/1,M10.5.0',
  'Europe/Madrid': 'CET-1CEST,M3.5.0,M10.5.0/3',
  'Europe/Moscow': 'MSK-3',
  'Europe/Paris': 'CET-1CEST,M3.5.0,M10.5.0/3',
  'Europe/Rome': 'CET-1CEST,M3.5.0,M10.5.0/3',
  'Europe/Zurich': 'CET-1CEST,M3.5.0,M10.5.0/3',
  'Pacific/Auckland': 'NZST-12NZDT,M9.5.0,M4.1.0/3',
  'Pacific/Guam': 'ChST-10',
  'Pacific/Honolulu': 'HST10',
  UTC: 'UTC0',
};

/** The POSIX form of an IANA zone; nothing where the table does not know it. */
export function posixTimezone(zone: string): string | undefined {
  return Object.hasOwn(POSIX_BY_ZONE, zone) ? POSIX_BY_ZONE[zone] : undefined;
}

export const KNOWN_TIMEZONES: readonly string[] = Object.keys(POSIX_BY_ZONE);
