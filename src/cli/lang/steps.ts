import type { Details } from '../../errors.ts';
import type { StepId } from '../../io/ports.ts';
import type { Lang } from './lang.ts';

type Sentences = Record<StepId, (details: Details) => string>;

const seconds = (details: Details): string => `${(Number(details.durationMs ?? 0) / 1000).toFixed(1)} s`;

const ENGLISH: Sentences = {
  unpacking: (d) => `unpacking ${d.name}`,
  unpacked: (d) => `unpacked ${d.name} (${d.entries} entries)`,
  'pulling-container-image': (d) => `pulling the container image ${d.image}`,
  'chose-container-image': (d) => `chose the container image ${d.image} (sha256:${d.digest}, ${d.program})`,
  'started-container': (d) => `started the container ${d.name} (${d.program})`,
  'filling-container': (d) => `unpacking ${d.name} in the container`,
  'filled-container': (d) => `unpacked ${d.name} in the container`,
  'waiting-for-tree': () => 'waiting: another build holds this ImageBuilder',
  'locked-tree': (d) => `locked the ImageBuilder ${d.path}`,
  'read-make-info': (d) => `read ImageBuilder ${d.version} ${d.target} (${d.revision}, ${d.packageManager})`,
  planned: (d) =>
    `planned ${d.profile} for ${d.service}: ${d.ports} ports, ${d.files} overlay files, plan ${d.id}`,
  'staged-overlay': (d) => `staged the overlay (${d.files} files)`,
  'making-image': () => 'running make image',
  'checking-prerequisites': () => 'checking the host for what the ImageBuilder needs',
  'indexing-packages': () => 'reading the package index',
  'installing-packages': () => 'installing packages',
  'configuring-packages': () => 'configuring packages',
  'finalizing-root': () => 'finalizing the root file system',
  'building-images': () => 'building images',
  'computing-checksums': () => 'computing checksums',
  'made-image': (d) => `made the image (${d.sizeBytes} bytes in ${seconds(d)})`,
  'checked-image': (d) => `checked digest and ${d.packages} packages of the image`,
  'stripped-signature': () =>
    "removed the local signature, which no router trusts; the rest has ImageBuilder's own digest",
  'wrote-output': (d) => `wrote ${d.path}`,
  'already-built': (d) => `found the finished build of this plan in ${d.path}`,
  'chose-release': (d) => `chose OpenWrt ${d.version} for ${d.target}`,
  'verified-sums': (d) => `verified the signature of sha256sums (${d.files} files, key ${d.keyId})`,
  'waiting-for-download': () => 'waiting: another mape-image downloads this ImageBuilder',
  downloading: (d) => `downloading the ImageBuilder, MB${d.megabytes === undefined ? '' : ` ${d.megabytes}`}`,
  'resuming-download': (d) => `kept the first ${d.megabytes} MB of an earlier download`,
  retrying: (d) => `${d.host} failed (${d.code}): trying again in ${d.seconds} s`,
  'checking-cache': (d) => `hashing ${d.name}`,
  'verified-imagebuilder': (d) =>
    `verified imagebuilder ${d.version} ${d.target} (${d.megabytes} MB${d.cached === true ? ', cached' : ''})`,
  'verified-lock': (d) => `verified that all is as locked in ${d.file} (${d.packages} packages)`,
  'wrote-lock': (d) => `wrote ${d.file} (${d.packages} packages)`,
  'verified-record': (d) => `verified the record ${d.path} (${d.files} files)`,
  'reused-packages': (d) => `put ${d.files} files of earlier builds where the ImageBuilder looks for them`,
};

const JAPANESE: Sentences = {
  unpacking: (d) => `${d.name} を展開しています`,
  unpacked: (d) => `${d.name} を展開しました (${d.entries} 項目)`,
  'pulling-container-image': (d) => `コンテナーイメージ ${d.image} を取得しています`,
  'chose-container-image': (d) =>
    `コンテナーイメージ ${d.image} を使います (sha256:${d.digest}、${d.program})`,
  'started-container': (d) => `コンテナー ${d.name} を起動しました (${d.program})`,
  'filling-container': (d) => `コンテナーの中で ${d.name} を展開しています`,
  'filled-container': (d) => `コンテナーの中に ${d.name} を展開しました`,
  'waiting-for-tree': () => '待機中: ほかのビルドがこの ImageBuilder を使っています',
  'locked-tree': (d) => `ImageBuilder ${d.path} を確保しました`,
  'read-make-info': (d) =>
    `ImageBuilder ${d.version} ${d.target} を確認しました (${d.revision}, ${d.packageManager})`,
  planned: (d) =>
    `計画しました: ${d.profile}、${d.service}、ポート ${d.ports} 個、オーバーレイ ${d.files} ファイル、計画 ${d.id}`,
  'staged-overlay': (d) => `オーバーレイを配置しました (${d.files} ファイル)`,
  'making-image': () => 'make image を実行しています',
  'checking-prerequisites': () => 'ImageBuilder に必要なものを確認しています',
  'indexing-packages': () => 'パッケージ一覧を読んでいます',
  'installing-packages': () => 'パッケージを導入しています',
  'configuring-packages': () => 'パッケージを設定しています',
  'finalizing-root': () => 'ルートファイルシステムを仕上げています',
  'building-images': () => 'イメージを生成しています',
  'computing-checksums': () => 'チェックサムを計算しています',
  'made-image': (d) => `イメージを生成しました (${d.sizeBytes} バイト、${seconds(d)})`,
  'checked-image': (d) => `イメージのダイジェストと ${d.packages} 個のパッケージを確認しました`,
  'stripped-signature': () =>
    'どのルーターも信頼しないローカル署名を除きました。残りは ImageBuilder のダイジェストと一致します',
  'wrote-output': (d) => `${d.path} に書き込みました`,
  'already-built': (d) => `この計画の完成済みビルドがあります: ${d.path}`,
  'chose-release': (d) => `${d.target} 用に OpenWrt ${d.version} を選びました`,
  'verified-sums': (d) => `sha256sums の署名を確認しました (${d.files} ファイル、鍵 ${d.keyId})`,
  'waiting-for-download': () => '待機中: 別の mape-image がこの ImageBuilder をダウンロードしています',
  downloading: (d) =>
    `ImageBuilder をダウンロードしています (MB)${d.megabytes === undefined ? '' : ` ${d.megabytes}`}`,
  'resuming-download': (d) => `前回の続きから再開します (${d.megabytes} MB まで取得済み)`,
  retrying: (d) => `${d.host} に失敗しました (${d.code})。${d.seconds} 秒後に再試行します`,
  'checking-cache': (d) => `${d.name} のハッシュを計算しています`,
  'verified-imagebuilder': (d) =>
    `ImageBuilder ${d.version} ${d.target} を検証しました (${d.megabytes} MB${d.cached === true ? '、キャッシュ' : ''})`,
  'verified-lock': (d) => `すべて ${d.file} のとおりです (${d.packages} パッケージ)`,
  'wrote-lock': (d) => `${d.file} に書き込みました (${d.packages} パッケージ)`,
  'verified-record': (d) => `記録 ${d.path} を確認しました (${d.files} ファイル)`,
  'reused-packages': (d) => `以前のビルドのファイル ${d.files} 個を ImageBuilder に渡しました`,
};

/** The sentence of a step. */
export function stepSentence(lang: Lang, id: StepId, details: Details): string {
  return (lang === 'ja' ? JAPANESE : ENGLISH)[id](details);
}
