import type { IoErrorCode } from '../../../io/errors.ts';
import type { CliErrorCode } from '../../errors.ts';
import type { FetchCode } from './fetch.ts';
import { amount, quoted, quotedWhole, REPORT, type Say, when } from './text.ts';

export const io = {
  ARCHIVE_CORRUPT: (d) => ({
    message: `アーカイブ${quotedWhole(d.archive, '')}が壊れています${when(d.reason, (reason) => `（${reason}）`)}`,
    hint: 'もう一度ダウンロードし、公開されている sha256 と比べてください',
  }),
  ARCHIVE_REFUSED: (d) => ({
    message: `アーカイブ${quotedWhole(d.archive, '')}に、展開できない項目${quotedWhole(d.path, '')}があります${when(d.reason, (reason) => `（${reason}）`)}`,
    hint: 'downloads.openwrt.org からもう一度ダウンロードしてください',
  }),
  DISK_FULL: (d) => ({
    message: `空き容量がないため、${quotedWhole(d.path, 'ファイル')}に書き込めません`,
    hint: '空き容量を増やすか、別のフォルダーを指定してください',
  }),
  FILE_EXISTS: (d) => ({
    message: `${quotedWhole(d.path, 'その場所')}にはすでに何かがあります`,
    hint: '削除するか、別のパスを指定してください',
  }),
  FILE_MISSING: (d) => ({
    message: `${quotedWhole(d.path, '指定されたファイル')}がありません`,
    hint: 'パスを確認してください',
  }),
  FILE_UNREADABLE: (d) => ({
    message: `${quotedWhole(d.path, '指定されたファイル')}を読めません${when(d.reason, (reason) => `（${reason}）`)}`,
    hint: 'パスが正しいか、読む権限があるかを確認してください',
  }),
  FILE_UNWRITABLE: (d) => ({
    message: `${quotedWhole(d.path, '指定された場所')}に書き込めません${when(d.reason, (reason) => `（${reason}）`)}`,
    hint: '書き込む権限を確認するか、別のフォルダーを指定してください',
  }),
  LOCK_FAILED: (d) => ({
    message: `${quotedWhole(d.path, 'フォルダー')}を確保できません${when(d.reason, (reason) => `（flock: ${reason}）`)}`,
    hint: 'このマシンのディスク上のフォルダーを指定してください',
  }),
  NO_SAFE_FOLDER: (d) => ({
    message: `作業に使えるフォルダーがありません。書き込めて、パスに空白や記号を含まない場所が必要です${when(d.reasons, (reasons) => `（${reasons}）`)}`,
    hint: '--cache-dir で /var/tmp/mape-image などを指定してください',
  }),
  TOOL_FAILED: (d) => ({
    message: `プログラム${quoted(d.program, '')}が失敗しました${when(d.exitCode, (code) => `（終了コード ${code}）`)}`,
    hint: '表示された行を確認してください',
  }),
  TOOL_MISSING: (d) => ({
    message: `プログラム${quoted(d.program, '')}が PATH にありません`,
    hint: `このマシンのパッケージ管理で${quoted(d.program, 'そのプログラム')}を導入してください`,
  }),
  TOOL_TIMEOUT: (d) => ({
    message: `プログラム${quoted(d.program, '')}が${amount(d.seconds, '秒', '決められた時間')}以内に終わりませんでした`,
    hint: '何を待っていたかをログで確認してください。多くは、遅いネットワークやディスクが原因です',
  }),
  TREE_REFUSED: (d) => ({
    message: `フォルダーの外に出るパス${quotedWhole(d.path, '')}があります`,
    hint: REPORT,
  }),
} satisfies Record<Exclude<IoErrorCode, CliErrorCode | FetchCode>, Say>;
