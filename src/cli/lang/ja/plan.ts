import type { PlanErrorCode } from '../../../plan/errors.ts';
import { amount, quoted, type Say, shown, when } from './text.ts';

export const plan = {
  PLAN_PREFIX_MISSING: (d) => ({
    message: 'プレフィックスが指定されていません',
    hint: `${shown(d.example, '--prefix')} を付けるか、mape-image.yaml に書いてください`,
  }),
  PLAN_PROFILE_MISSING: (d) => ({
    message: 'プロファイルが指定されていません',
    hint: `${shown(d.example, '--profile')} を付けるか、mape-image.yaml に書いてください`,
  }),
  PLAN_REFUSED: (d) => ({
    message: `このままでは動かない設定が${amount(d.count, '件', '複数')}あります`,
    hint: '上に示された箇所を直してください',
  }),
  PLAN_RELEASE_MISMATCH: (d) => ({
    message: `リリース${quoted(d.release, '')}が指定されていますが、ImageBuilder は${quoted(d.version, '別のリリース')}です`,
    hint: 'リリースの指定を外すか、そのリリースの ImageBuilder を指定してください',
  }),
} satisfies Record<PlanErrorCode, Say>;

export const planFindings = {
  PLAN_LIKELY_TOO_BIG: (d) => ({
    message: `イメージが大きすぎる見込みです${when(d.lowBytes, (low) => `。推定では ${low} バイト以上`)}${when(d.writableKiB, (left) => `。設定に残るのは多くても ${left} KiB です（320 KiB 必要）`)}`,
    hint: 'luci などのパッケージやファイルを減らしてください。ビルドは続け、できたものを測って判定します',
  }),
  PLAN_MAP_REMOVED: () => ({
    message: 'パッケージ map は取り除けません。IPv4 を使えるようにするものです',
    hint: '取り除くパッケージから map を外してください',
  }),
  PLAN_PACKAGE_BOTH: (d) => ({
    message: `パッケージ${quoted(d.package, '')}が追加と削除の両方に指定されています。ImageBuilder は削除します`,
    hint: 'どちらか一方にしてください',
  }),
} satisfies Record<string, Say>;
