import { ReleaseError } from './errors.ts';

/** One profile as `make info` shows it. */
export interface MakeInfoProfile {
  readonly id: string;
  readonly title: string;
  /** Other brand names of the same device. */
  readonly otherTitles: readonly string[];
  /** Device packages as written, `-name` removes. */
  readonly packages: readonly string[];
  readonly supportedDevices: readonly string[];
  readonly hasImageMetadata: boolean;
}

export interface MakeInfo {
  /** `ath79/generic` */
  readonly target: string;
  /** CPU family, `mips`; absent before 22.03. */
  readonly architecture: string | undefined;
  /** `r28959-29397011cc` */
  readonly revision: string;
  readonly defaultPackages: readonly string[];
  readonly profiles: readonly MakeInfoProfile[];
}

const HEAD = /^(Current Target|Current Architecture|Current Revision|Default Packages): ?(.*)$/;
const PROFILE = /^([A-Za-z0-9_.,+-]+):$/;
const FIELD = /^ {4}(Packages|hasImageMetadata|SupportedDevices): ?(.*)$/;

type Draft = { id: string; titles: string[]; fields: Map<string, string> };

/**
 * Parse what `make info` prints:
 *
 *    Current Target: "ath79/generic"            then Current Architecture, Current Revision, Default Packages
 *    Available Profiles:
 *    (blank)
 *    tplink_archer-c6-v2:
 *        TP-Link Archer C6 v2 (EU/RU/JP)        one or more titles, without a key
 *        Packages: kmod-ath10k-ct ...           may be empty
 *        hasImageMetadata: 1                    may be empty or 0
 *        SupportedDevices: tplink,archer-c6-v2  may be absent
 *
 * @throws ReleaseError MAKE_INFO_INVALID
 * @see OpenWrt target/imagebuilder/files/Makefile (_call_info), scripts/target-metadata.pl (gen_profile_mk)
 */
export function parseMakeInfo(text: string): MakeInfo {
  const head = new Map<string, string>();
  const drafts: Draft[] = [];
  let inProfiles = false;
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const accepted = inProfiles ? takeProfileLine(line, drafts) : takeHeadLine(line, head);
    if (line === 'Available Profiles:' && !inProfiles) inProfiles = true;
    else if (!accepted) throw invalid(index + 1, line);
  }
  if (!inProfiles) throw invalid(1, 'no line "Available Profiles:"');
  const ids = new Set(drafts.map(({ id }) => id));
  if (ids.size !== drafts.length) throw invalid(1, 'a profile twice');
  return {
    target: quoted(head, 'Current Target', /^[a-z0-9_.-]+\/[a-z0-9_.-]+$/i),
    architecture: head.has('Current Architecture')
      ? quoted(head, 'Current Architecture', /^\S+$/)
      : undefined,
    revision: quoted(head, 'Current Revision', /^\S+$/),
    defaultPackages: words(head.get('Default Packages')),
    profiles: drafts.map(finishProfile),
  };
}

function takeHeadLine(line: string, head: Map<string, string>): boolean {
  const [, key, value] = HEAD.exec(line) ?? [];
  if (key === undefined || value === undefined || head.has(key)) return false;
  head.set(key, value);
  return true;
}

function takeProfileLine(line: string, drafts: Draft[]): boolean {
  const [, id] = PROFILE.exec(line) ?? [];
  if (id !== undefined) {
    drafts.push({ id, titles: [], fields: new Map() });
    return true;
  }
  const draft = drafts.at(-1);
  if (draft === undefined || !line.startsWith('    ')) return false;
  const [, key, value] = FIELD.exec(line) ?? [];
  // Titles come first and are free text: a first line that looks like a field is a title.
  if (draft.titles.length === 0 || (draft.fields.size === 0 && key === undefined)) {
    draft.titles.push(line.trim());
    return true;
  }
  if (key === undefined || value === undefined || draft.fields.has(key)) return false;
  draft.fields.set(key, value);
  return true;
}

function finishProfile({ id, titles: [title = '', ...otherTitles], fields }: Draft): MakeInfoProfile {
  return {
    id,
    title,
    otherTitles,
    packages: words(fields.get('Packages')),
    supportedDevices: words(fields.get('SupportedDevices')),
    hasImageMetadata: fields.get('hasImageMetadata')?.trim() === '1',
  };
}

function words(text: string | undefined): readonly string[] {
  return (text ?? '').split(/\s+/).filter((word) => word !== '');
}

function quoted(head: Map<string, string>, key: string, form: RegExp): string {
  const [, value] = /^"(.*)"\s*$/.exec(head.get(key) ?? '') ?? [];
  if (value === undefined || !form.test(value)) throw invalid(1, `${key}: ${head.get(key) ?? ''}`);
  return value;
}

function invalid(line: number, text: string): ReleaseError {
  return new ReleaseError('MAKE_INFO_INVALID', {
    message: `wanted the output of "make info", found ${JSON.stringify(text.slice(0, 200))} in line ${line}`,
    hint: 'run "make info" in the ImageBuilder yourself; report its output where the ImageBuilder is an official one',
    details: { line, text: text.slice(0, 200) },
  });
}
