import type { FlowErrorCode } from '../../../flow/errors.ts';
import type { ContainerEngineCode } from './container-engine.ts';
import type { FetchCode } from './fetch.ts';
import type { InspectCode } from './inspect.ts';
import { amount, quoted, quotedWhole, type Say, when } from './text.ts';

export const flow = {
  BUILD_FORGETS_SETTINGS: (d) => ({
    message: `イメージが${when(d.overBytes, (bytes) => ` ${bytes} バイト`)}大きすぎ、ルーターは再起動のたびに設定を失います${when(d.writableKiB, (size) => `（残り ${size} KiB、必要なのは 320 KiB）`)}`,
    hint: 'luci などのパッケージを取り除いて、もう一度ビルドしてください',
  }),
  BUILD_PACKAGES_DIFFER: (d) => ({
    message: `計画したパッケージのうち${amount(d.count, '個', 'いくつか')}がイメージにありません`,
    hint: '書き込まないでください。ビルドのログを確認してください',
  }),
  OUTPUT_EXISTS: (d) => ({
    message: `${quotedWhole(d.path, '出力先')}はすでにあります`,
    hint:
      d.former === true
        ? '--force で置き換えるか、別の場所を指定してください'
        : 'mape-image が作ったオーバーレイではありません。別の場所を指定してください',
  }),
} satisfies Record<Exclude<FlowErrorCode, FetchCode | ContainerEngineCode | InspectCode>, Say>;

/** What a finished image is found to be. */
export const imageFindings = {
  IMAGE_PACKAGE_CAME_BACK: (d) => ({
    message: `取り除いたはずの${quoted(d.package, 'パッケージ')}がイメージに入っています。ほかのパッケージが必要としています`,
    hint: 'それを必要とするパッケージも取り除いてください',
  }),
  IMAGE_PACKAGE_MISSING: (d) => ({
    message: `${quoted(d.package, 'パッケージ')}がイメージに入っていません`,
  }),
  IMAGE_OTHER_BOARD: (d) => ({
    message: `このイメージの対象ボードは${quoted(d.boards, '空')}です。${quoted(d.title, 'このルーター')}には書き込めません`,
    hint: '書き込まないでください。ルーターの機種を指定して、もう一度ビルドしてください',
  }),
  IMAGE_SAMPLE_BOARD: (d) => ({
    message: `このイメージの対象ボードは${quoted(d.boards, '空')}です。このボードのルーターは存在しません`,
    hint: '見本の ImageBuilder で作られたイメージです。ルーター用には downloads.openwrt.org のものを使ってください',
  }),
  IMAGE_TIGHT: (d) => ({
    message: `設定用の領域が${amount(d.writableKiB, 'KiB ', 'わずか')}しか残りません${when(d.overBytes, (bytes) => `。推奨より ${bytes} バイト大きいイメージです`)}`,
    hint: '使わないパッケージを取り除いてください',
  }),
} satisfies Record<string, Say>;
