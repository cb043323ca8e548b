import type { CliErrorCode } from '../../errors.ts';
import { choose, quoted, REPORT, type Say, when } from './text.ts';

/** What commander found wrong with the arguments, by its own code. */
const USAGE: Readonly<Record<string, string>> = {
  'commander.unknownOption': 'そのようなオプションはありません',
  'commander.unknownCommand': 'そのようなコマンドはありません',
  'commander.missingArgument': '引数が足りません',
  'commander.excessArguments': '引数が多すぎます',
  'commander.optionMissingArgument': 'オプションの値がありません',
  'commander.missingMandatoryOptionValue': '必須のオプションがありません',
  'commander.invalidArgument': '引数の値が正しくありません',
  'commander.invalidOptionArgument': 'オプションの値が正しくありません',
};

export const cli = {
  USAGE: (d) => ({
    message: `${choose(USAGE, d.reason) ?? 'コマンドの書き方が正しくありません'}${when(d.text, (text) => `（${text}）`)}`,
    hint: '「mape-image help」を確認してください',
  }),
  USAGE_COMBINATION: (d) => ({
    message: `${quoted(d.first, 'あるオプション')}と${quoted(d.second, '別のオプション')}は一緒に使えません`,
    hint: 'どちらか一方にしてください',
  }),
  INTERRUPTED: (d) => ({
    message: `中断されました${when(d.signal, (signal) => `（${signal}）`)}`,
    hint: 'もう一度実行してください。書きかけのものは残っていません',
  }),
  INTERNAL: (d) => ({
    message: `予期しないエラーが起きました${when(d.text, (text) => `（${text}）`)}`,
    hint: `${REPORT}。プレフィックスは除き、この表示と実行したコマンドを添えてください`,
  }),
} satisfies Record<CliErrorCode, Say>;
