import type { FetchedImageBuilder } from '../../flow/fetch.ts';
import type { Looks } from '../context.ts';
import { renderFacts } from './plan.ts';

const LABELS = {
  en: {
    release: 'Release',
    target: 'Target',
    profile: 'Profile',
    revision: 'Revision',
    size: 'Size',
    from: 'From',
    signed: 'Signed with',
  },
  ja: {
    release: 'リリース',
    target: 'ターゲット',
    profile: '機種',
    revision: 'リビジョン',
    size: 'サイズ',
    from: '取得元',
    signed: '署名の鍵',
  },
} as const;

/** What was fetched, for a person. */
export function renderFetched(found: FetchedImageBuilder, looks: Looks): readonly string[] {
  const labels = LABELS[looks.lang];
  const { profile, revision } = found;
  return renderFacts(
    [
      [labels.release, found.version],
      [labels.target, found.target],
      ...(profile === undefined ? [] : [[labels.profile, profile] as const]),
      ...(revision === undefined ? [] : [[labels.revision, revision] as const]),
      [labels.size, `${found.sizeBytes.toLocaleString('en')} B`],
      [labels.from, found.url],
      [labels.signed, `usign ${found.keyId}`],
    ],
    looks,
  );
}

/** The same for programs. */
export function fetchDocument(found: FetchedImageBuilder): Record<string, unknown> {
  const { profile = null, revision = null, ...rest } = found;
  return { schema: 'mape-image/fetch@1', ok: true, ...rest, profile, revision };
}
