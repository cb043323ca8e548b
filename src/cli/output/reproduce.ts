import type { Reproduced } from '../../flow/reproduce.ts';
import type { Looks } from '../context.ts';
import { renderFacts } from './plan.ts';

const LABELS = {
  en: {
    image: 'Image',
    plan: 'Plan',
    size: 'Size',
    packages: 'Packages',
    signature: 'Signature',
    leftOut: 'left out of both: an ImageBuilder up to 24.10 signs with a random key of its own',
    none: 'none: an ImageBuilder from 25.12 on appends none',
    equal: 'equal: the image built again is the one recorded, bit by bit',
  },
  ja: {
    image: 'イメージ',
    plan: '計画',
    size: 'サイズ',
    packages: 'パッケージ',
    signature: '署名',
    leftOut: '両方から除いて比較（24.10 までの ImageBuilder は、その場で作った鍵で署名します）',
    none: 'なし（25.12 からの ImageBuilder は署名を付けません）',
    equal: '一致: もう一度ビルドしたイメージは、記録のイメージとビット単位で同じです',
  },
} as const;

/** What was repeated, for a person. */
export function renderReproduced(made: Reproduced, looks: Looks): readonly string[] {
  const labels = LABELS[looks.lang];
  return renderFacts(
    [
      [labels.image, made.imageName],
      [labels.plan, made.planId.slice(0, 8)],
      [labels.size, `${made.sizeBytes} B`],
      [labels.packages, String(made.packages)],
      [labels.signature, made.signatureLeftOut ? labels.leftOut : labels.none],
    ],
    looks,
  );
}

/** The verdict in words. */
export function renderEqual(looks: Looks): string {
  return LABELS[looks.lang].equal;
}

/** The same for programs. */
export function reproducedDocument(made: Reproduced): Record<string, unknown> {
  return { schema: 'mape-image/reproduce@1', ok: true, equal: true, ...made };
}
