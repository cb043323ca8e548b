import type { AttestErrorCode } from '../../../attest/errors.ts';
import { amount, choose, quoted, quotedWhole, type Say, when } from './text.ts';

const UPDATE = '違いを確認し、それでよければ「mape-image lock --update」を実行してください';
const FROM_ITS_PLACE = '作られたときの記録を、そのまま使ってください';

/** Locks and records of builds. */
export const attest = {
  LOCK_DIFFERS: (d) => ({
    message: `ロック${quotedWhole(d.file, '')}と異なる点が${amount(d.count, '件', '')}あります`,
    hint: `何も書き込んでいません。${UPDATE}`,
  }),
  LOCK_EXISTS: (d) => ({
    message: `ロック${quotedWhole(d.file, '')}はすでにあり、異なる点が${amount(d.count, '件', '')}あります`,
    hint: '違いを受け入れるには、--update を付けてください',
  }),
  LOCK_INVALID: (d) => ({
    message: `${quotedWhole(d.file, 'ファイル')}は mape-image のロックとして読めません${when(choose(PLACES, d.place) ?? d.place, (place) => `（${place}）`)}`,
    hint: '作られたときのものを使うか、「mape-image lock --update」で作り直してください',
  }),
  LOCK_MISSING: (d) => ({
    message: `ロック${quotedWhole(d.file, '')}がありません`,
    hint: '「mape-image lock」で作るか、--lock で指定してください',
  }),
  LOCK_OTHER_CONFIG: (d) => ({
    message: `ロック${quotedWhole(d.file, '')}は、別の設定から作られています${when(d.count, (count) => `（異なる設定: ${count} 件）`)}`,
    hint: `元の設定に戻してください。または、${UPDATE}`,
  }),
  RECORD_DAMAGED: (d) => ({
    message: `記録のファイル${quotedWhole(d.path, '')}の sha256 が合いません${when(d.wanted, (wanted) => `。「${wanted}」のはずですが`)}${when(d.found, (found) => `、「${found}」です`)}`,
    hint: `書き込まないでください。後で変わったものです。${FROM_ITS_PLACE}`,
  }),
  RECORD_INVALID: (d) => ({
    message: `記録の${quotedWhole(d.file, 'ファイル')}は、mape-image が書いたものではありません${when(choose(PLACES, d.place) ?? d.place, (place) => `（${quoted(place, '')}）`)}`,
    hint: FROM_ITS_PLACE,
  }),
  RECORD_MISSING: (d) => ({
    message: `${quotedWhole(d.path, '指定された場所')}にビルドの記録がありません${when(d.missing, (missing) => `（足りないもの: ${missing}）`)}`,
    hint: 'build の出力フォルダー、またはその中のファイルを指定してください',
  }),
  RECORD_NEEDS_CONFIG: (d) => ({
    message: `このイメージには秘密が入っているため、記録だけでは再現できません${when(d.paths, (paths) => `（${paths}）`)}`,
    hint: 'ビルドに使った設定を -c で指定してください',
  }),
  RECORD_NEEDS_IMAGEBUILDER: (d) => ({
    message: `${quotedWhole(d.name, '記録の ImageBuilder ')}は、ダウンロードできる ImageBuilder ではありません`,
    hint: 'ビルドに使ったものを --imagebuilder で指定してください',
  }),
  RECORD_OTHER_PLAN: (d) => ({
    message: `この設定の計画は${quoted(d.found, '別のもの')}で、記録の計画${quoted(d.wanted, '')}と異なります`,
    hint: 'ビルドしたときの設定と秘密を指定してください',
  }),
  REPRODUCED_OTHER: (d) => ({
    message: `もう一度ビルドしたイメージは、記録と異なります${when(d.count, (count) => `（異なる点: ${count} 件）`)}`,
    hint: '示された違いを確認してください。何も説明できない違いがあれば、記録のイメージを書き込まないでください',
  }),
} satisfies Record<AttestErrorCode, Say>;

/** Where a file is wrong, in words. */
const PLACES: Readonly<Record<string, string>> = {
  'no-json': 'JSON ではありません',
  'too-long': '長すぎます',
  'too-many-secrets': '秘密のファイルが多すぎます',
};

const INPUTS: Readonly<Record<string, string>> = {
  program: 'mape-image の版',
  profile: '機種',
  release: 'リリース',
  target: 'ターゲット',
  versionCode: 'リビジョン',
  packageManager: 'パッケージ管理',
  imagebuilder: 'ImageBuilder の sha256',
  key: '署名の鍵',
  repositories: 'パッケージの取得元',
};

const FILE_CHANGES: Readonly<Record<string, string>> = {
  added: '増えています',
  removed: 'なくなっています',
};

/** What differs from a lock or from a record. */
export const attestFindings = {
  LOCK_SETTING_OTHER: (d) => ({
    message: `設定${quoted(d.setting, '')}が異なります${when(d.wanted, (wanted) => `。ロックでは「${wanted}」`)}${when(d.found, (found) => `、今は「${found}」です`)}`,
  }),
  LOCK_INPUT_OTHER: (d) => ({
    message: `${choose(INPUTS, d.input) ?? '材料'}が異なります${when(d.wanted, (wanted) => `。「${wanted}」のはずですが`)}${when(d.found, (found) => `、「${found}」です`)}`,
  }),
  LOCK_PACKAGE_EXTRA: (d) => ({
    message: `パッケージ${quoted(d.package, '')}${when(d.found, (version) => `（${version}）`)}はロックにありません`,
  }),
  LOCK_PACKAGE_MISSING: (d) => ({
    message: `ロックにあるパッケージ${quoted(d.package, '')}${when(d.wanted, (version) => `（${version}）`)}がありません`,
  }),
  LOCK_PACKAGE_OTHER: (d) => ({
    message: `パッケージ${quoted(d.package, '')}が異なります${when(d.wanted, (wanted) => `。「${wanted}」のはずですが`)}${when(d.found, (found) => `、「${found}」です`)}`,
  }),
  PACKAGE_FILE_UNKNOWN: (d) => ({
    message: `ファイルが見つからないパッケージが${amount(d.count, '個', '')}あり、ロックと SBOM にダイジェストがありません${when(d.packages, (packages) => `（${quoted(packages, '')}）`)}`,
    hint: '片付けられたフォルダーではなく、ImageBuilder のアーカイブを指定してください',
  }),
  REPRODUCED_IMAGE_OTHER: (d) => ({
    message: `イメージの sha256 が異なります${when(d.wanted, (wanted) => `。記録では「${wanted}」`)}${when(d.found, (found) => `、今回は「${found}」です`)}`,
  }),
  REPRODUCED_SIZE_OTHER: (d) => ({
    message: `${d.part === 'kernel' ? 'カーネル' : d.part === 'rootfs' ? 'ルートファイルシステム' : 'イメージ'}の大きさが異なります${when(d.wanted, (wanted) => `。記録では ${wanted} バイト`)}${when(d.found, (found) => `、今回は ${found} バイトです`)}`,
  }),
  REPRODUCED_FILE_OTHER: (d) => ({
    message: `イメージの中の${quotedWhole(d.path, 'ファイル')}が${choose(FILE_CHANGES, d.change) ?? '異なります'}${when(d.aspects, (aspects) => `（${aspects}）`)}`,
  }),
  RECORD_PLAN_OTHER: (d) => ({
    message: `計画の${quotedWhole(d.place, '一部')}が、記録と異なります`,
  }),
  RECORD_OTHER_PROGRAM: (d) => ({
    message: `この記録は別の版の mape-image で作られています${when(d.wanted, (wanted) => `（記録: ${wanted}）`)}`,
    hint: '違いが出たときは、その版で試してください',
  }),
} satisfies Record<string, Say>;
