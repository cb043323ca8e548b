import type { DeviceErrorCode } from '../../../device/errors.ts';
import { quoted, quotedWhole, type Say, shown, suggest, when } from './text.ts';

export const device = {
  /** The error counts the places, the findings below it are one each. */
  DEVICE_INVALID: (d) =>
    d.count === undefined
      ? { message: `機種の定義の${quotedWhole(d.path, '一部')}が正しくありません` }
      : {
          message: `${quotedWhole(d.name, '指定されたもの')}は機種の定義として正しくありません。誤りが ${d.count} か所あります`,
          hint: 'profiles/devices/tplink_archer-c6-v2.yaml と比べてください',
        },
  /** Two folders throw it: the number of profiles searched is `count` in one and `known` in the other. */
  PROFILE_UNKNOWN: (d) => ({
    message: `${quoted(d.profile, '指定された名前')}というプロファイルはありません${when(d.count ?? d.known, (count) => `（${count} 件を調べました）`)}`,
    hint:
      suggest(d.near) ??
      '一覧は「mape-image profiles」で確認できます。機種によっては、別のターゲットの ImageBuilder が必要です',
  }),
  PROFILE_AMBIGUOUS: (d) => ({
    message: `${quoted(d.profile, '指定された名前')}に当てはまるプロファイルが 2 つ以上あります`,
    hint: `次のいずれかの id で指定してください: ${shown(d.candidates, '「mape-image profiles」に表示される id')}`,
  }),
} satisfies Record<DeviceErrorCode, Say>;
