import type { BuilderErrorCode } from '../../../builder/errors.ts';
import type { DeviceErrorCode } from '../../../device/errors.ts';
import type { Details } from '../../../errors.ts';
import type { ContainerEngineCode } from './container-engine.ts';
import { amount, choose, quoted, quotedWhole, REPORT, type Say, shown, suggest, when } from './text.ts';

const READ_LINES = '表示された行を確認してください。全文はログにあります';
const UNPACK_AGAIN = 'フォルダーを削除してアーカイブを展開し直すか、アーカイブそのものを指定してください';

/** What keeps an ImageBuilder from building at all, and what its make ran into. */
export const builder = {
  ARGUMENT_UNSAFE: (d) => ({
    message: `${when(d.variable, (name) => `${name} `) || '引数'}に使えない文字があります${when(d.value, () => `（${quoted(d.value, '')}）`)}`,
    hint: REPORT,
  }),
  BUILD_DISK_FULL: (d) => ({
    message: `ビルドに必要な空き容量がありません${when(d.path, (path) => `（「${path}」）`)}`,
    hint: '約 500 MB の空きを作るか、--cache-dir で別のフォルダーを指定してください',
  }),
  BUILD_FAILED: (d) => ({
    message: `make が失敗しました${when(d.exitCode, (code) => `（終了コード ${code}）`)}`,
    hint: READ_LINES,
  }),
  BUILD_KILLED: (d) => ({
    message: `make がシグナル${when(d.signal, (signal) => ` ${signal} `)}で終了させられました`,
    hint:
      d.signal === 9
        ? 'カーネルのログ（dmesg）に「Out of memory」がないか確認してください。ビルドには約 500 MB のメモリーが必要です'
        : 'もう一度実行してください',
  }),
  BUILD_TIMEOUT: (d) => ({
    message: `make image が${amount(d.seconds, '秒', '決められた時間')}以内に終わりませんでした`,
    hint: '何を待っていたかをログで確認してください。多くは、遅いネットワークが原因です',
  }),
  IMAGEBUILDER_CHANGED: (d) => ({
    message: `ImageBuilder${quotedWhole(d.path, ' ')}が、検証した後で変わっています${when(d.wanted, (wanted) => `。sha256 は「${wanted}」のはずですが`)}${when(d.found, (found) => `、「${found}」です`)}`,
    hint: '「mape-image cache verify --fix」を実行してから、もう一度実行してください。ディスクも確認してください',
  }),
  IMAGEBUILDER_INCOMPLETE: (d) => ({
    message: `ImageBuilder${quotedWhole(d.path, ' ')}に足りないものがあります${when(d.missing, (missing) => `: ${missing}`)}`,
    hint: `展開が途中で終わったか、後で変わっています。${UNPACK_AGAIN}`,
  }),
  IMAGEBUILDER_MISSING: (d) => ({
    message: `${quotedWhole(d.path, '指定された場所')}に ImageBuilder がありません`,
    hint: 'パスを確認してください。フォルダー、または .tar.zst か .tar.xz のファイルを指定できます',
  }),
  IMAGEBUILDER_NOT_ONE: (d) => ({
    message: `${quotedWhole(d.path, '指定されたもの')}は ImageBuilder ではありません${when(choose(MIX_UPS, d.found), (mixUp) => `。${mixUp}`)}${when(d.missing, (missing) => `（足りないもの: ${missing}）`)}`,
    hint: `${quotedWhole(d.right, '機種とリリースに合う、openwrt-imagebuilder- で始まるアーカイブ')}を指定してください`,
  }),
  IMAGEBUILDER_PATH_UNSAFE: (d) => ({
    message: `ImageBuilder のパス${quotedWhole(d.path, '')}に、make が扱えない文字${d.character === ' ' ? '（空白）' : quoted(d.character, '')}があります。使えるのは英数字と _ . / + - です`,
    hint: '/var/tmp などに移すか、元のアーカイブを指定してください。アーカイブはどこにあっても使えます',
  }),
  IMAGEBUILDER_READ_ONLY: (d) => ({
    message: `ImageBuilder${quotedWhole(d.path, ' ')}に書き込めません`,
    hint: '書き込める場所にコピーするか、元のアーカイブを指定してください',
  }),
  OVERLAY_CLASH: (d) => ({
    message: `${quotedWhole(d.path, 'あるパス')}に、種類の異なるものがすでにあります`,
    hint: 'ファイルとフォルダーを置き換えることはできません。追加するファイルのパスを変えてください',
  }),
  PREREQUISITE_MISSING: (d) => ({
    message: `ImageBuilder に必要なものが足りません${when(d.tools, (tools) => `: ${tools}`)}`,
    hint:
      typeof d.packages === 'object' && d.packages.length > 0
        ? `導入してください。Debian や Ubuntu では: sudo apt install ${d.packages.join(' ')}`
        : '--cache-dir で、大文字と小文字を区別する Linux のファイルシステム上のフォルダーを指定してください',
  }),
  TREE_BROKEN: (d) => ({
    message: `ImageBuilder の一部がありません${when(d.reason, (reason) => `（${reason}）`)}`,
    hint: UNPACK_AGAIN,
  }),
  TREE_BUSY: () => ({
    message: 'この ImageBuilder では、別のビルドが実行中です',
    hint: '終わるまで待つか、アーカイブを指定してください。アーカイブは別の場所に展開されます',
  }),
  UMASK_WRONG: (d) => ({
    message: `ImageBuilder の中で umask が変わっています。${shown(d.wanted, '022')} が必要です`,
    hint: 'シェルの起動ファイルに umask がないか確認してください。BASH_ENV と ENV は渡していません',
  }),
  ESSENTIAL_PACKAGE_MISSING: (d) => ({
    message: `イメージに${quoted(d.package, '必須のパッケージ')}が入っていません`,
    hint: '取り除かないでください。これがないとルーターは起動しません',
  }),
  IMAGE_DIGEST_MISMATCH: (d) => ({
    message: `イメージ${quotedWhole(d.name, '')}の sha256 が合いません${when(d.wanted, (wanted) => `。「${wanted}」のはずですが`)}${when(d.found, (found) => `、「${found}」です`)}`,
    hint: '書き込まないでください。ビルドの後で、ディスクか別のプログラムが変えています。もう一度ビルドしてください',
  }),
  IMAGE_NOT_BUILT: (d) => ({
    message: `${quoted(d.profile, 'この機種')}の sysupgrade イメージが${d.givenUp === true ? '途中であきらめられ、作られませんでした' : '作られませんでした'}`,
    hint:
      d.givenUp === true
        ? READ_LINES
        : 'このリリースがその機種に対応していないか、別の方法での導入だけに対応しています。openwrt.org の機種のページを確認してください',
  }),
  IMAGE_TOO_BIG: (d) => ({
    message: `${quoted(d.profile, 'この機種')}の ${shown(d.image, 'sysupgrade')} イメージが大きすぎます。上限は${amount(d.limitBytes, 'バイト', '機種ごとの大きさ')}です${when(d.sizeBytes, (bytes) => `が、${bytes} バイトあります`)}${when(d.overBytes, (bytes) => `（${bytes} バイト超過）`)}`,
    hint: '--remove でパッケージを取り除くか、追加を減らしてください。特に大きいのは LuCI とその言語パッケージです',
  }),
  DEPENDENCY_UNSATISFIED: (d) => ({
    message: `${quoted(d.package, 'パッケージ')}に必要なものが、どのフィードにもありません${when(d.missing, (missing) => `: ${missing}`)}`,
    hint: `${quoted(d.package, 'それ')}を追加しないか、フィードと同じ日の ImageBuilder を使ってください`,
  }),
  FEED_UNREACHABLE: (d) => ({
    message: `${feeds(d)}からパッケージを取得できません${when(d.wgetCode, (code) => `（wget ${code}）`)}`,
    hint: `接続を確認して、もう一度実行してください。${when(d.near, (near) => `名前が違う場合、近いものは ${near} です`) || 'ネットワークがなければ、ImageBuilder の packages/ にパッケージを置いてください'}`,
  }),
  FILE_CLASH: (d) => ({
    message: `${quoted(d.package, 'あるパッケージ')}と${quoted(d.owner, '別のパッケージ')}の両方に、ファイル${quotedWhole(d.path, '')}があります`,
    hint: `どちらか一方にしてください。--remove${when(d.owner, (owner) => ` ${owner}`)} で取り除くか、${quoted(d.package, 'もう一方')}を追加しないでください`,
  }),
  PACKAGE_CONFLICT: (d) => ({
    message: `${quoted(d.package, 'あるパッケージ')}と${quoted(d.other, '別のパッケージ')}は一緒に使えません`,
    hint: 'どちらか一方を --remove で取り除くか、追加しないでください',
  }),
  PACKAGE_CORRUPT: (d) => ({
    message:
      d.package === 'index'
        ? 'フィードの一覧の署名が合いません'
        : `パッケージ${quoted(d.package, '')}の内容が、フィードの一覧と異なります`,
    hint: 'ImageBuilder の dl/ フォルダーと packages/ のそのファイルを削除して、もう一度実行してください。それでも直らなければ、そのフィードは信頼できません',
  }),
  PACKAGE_INSTALL_FAILED: (d) => ({
    message: `opkg がパッケージを導入できません${when(d.packages, (packages) => `: ${packages}`)}`,
    hint: 'ファイルが壊れている可能性があります。ImageBuilder の dl/ か packages/ から削除して、もう一度実行してください',
  }),
  PACKAGE_SCRIPT_FAILED: (d) => ({
    message: `${quoted(d.package, 'パッケージ')}の設定スクリプトが失敗しました${when(d.exitCode, (code) => `（終了コード ${code}）`)}`,
    hint: `${quoted(d.package, 'それ')}を追加しないか、スクリプトがこのマシンに求めるものを確認してください`,
  }),
  PACKAGE_UNAVAILABLE: (d) => ({
    message: `機種に必要なパッケージがフィードにありません${when(d.packages, (packages) => `: ${packages}`)}`,
    hint: 'フィードと ImageBuilder の日付が合っていません。最新の ImageBuilder を使ってください',
  }),
  PACKAGE_UNKNOWN: (d) => ({
    message: `この名前のパッケージはフィードにありません${when(d.packages, (packages) => `: ${packages}`)}`,
    hint: suggest(d.near) ?? 'openwrt.org のパッケージ一覧で名前を確認してください',
  }),
} satisfies Record<Exclude<BuilderErrorCode, DeviceErrorCode | ContainerEngineCode>, Say>;

/** What stands there in place of an ImageBuilder. */
const MIX_UPS: Readonly<Record<string, string>> = {
  'no-folder': 'フォルダーでもファイルでもありません',
  'inside-of-one': 'ImageBuilder の中のフォルダーです',
  'one-inside': 'ImageBuilder はその中にあります',
  'source-tree': 'OpenWrt のソースです',
  sdk: 'OpenWrt の SDK です',
  'other-folder': '別のフォルダーです',
};

function feeds({ feeds: urls }: Details): string {
  const all = typeof urls === 'object' ? urls : [];
  return `${quotedWhole(all[0], 'フィード')}${all.length > 1 ? `など ${all.length} か所` : ''}`;
}
