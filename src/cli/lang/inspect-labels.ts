import type { FitState } from '../../device/fit.ts';
import type { PasswordState } from '../../image/contents/users.ts';
import type { FlashUse } from '../../image/flash-picture.ts';
import type { Lang } from './lang.ts';

export interface InspectLabels {
  readonly image: string;
  readonly size: string;
  readonly container: string;
  readonly board: string;
  readonly devices: string;
  readonly noMetadata: string;
  readonly release: string;
  readonly kernel: string;
  readonly builtAt: string;
  readonly rootfs: string;
  readonly rootfsOf: (type: string, compression: string, blockKiB: number, entries: number) => string;
  readonly unreadable: (type: string) => string;
  readonly noRootfs: string;
  readonly signatures: string;
  readonly flashTitle: (device: string) => string;
  readonly flashUse: Readonly<Record<FlashUse, string>>;
  readonly parts: string;
  readonly unpacked: (format: string) => string;
  readonly content: string;
  readonly writable: string;
  readonly writableOf: (kiB: number, blocks: number) => string;
  readonly unknownFlash: string;
  readonly state: Record<FitState, string>;
  readonly packages: string;
  readonly packageCount: (count: number, manager: string) => string;
  readonly noPackages: string;
  readonly users: string;
  readonly password: Record<PasswordState, string>;
  readonly ssh: string;
  readonly noKeys: string;
  readonly secrets: string;
  readonly noSecrets: string;
  readonly plan: string;
  readonly notOurs: string;
  readonly firstBoot: string;
  readonly mape: (name: string, path: string) => string;
  readonly noMape: string;
  readonly service: string;
  readonly serviceOf: Record<'rule' | 'relay' | 'range', (service: string) => string>;
  readonly serviceUnknown: string;
  readonly differsFromRule: (wanted: string) => string;
  readonly atFirstBoot: string;
  readonly files: (count: number) => string;
  readonly sizes: string;
  readonly kernelSize: string;
  readonly rootfsSize: string;
  readonly settings: string;
  readonly same: string;
  readonly change: Record<'added' | 'removed' | 'upgraded' | 'downgraded' | 'changed', string>;
  readonly noPackageList: string;
  readonly verified: (entries: number, planId: string) => string;
  readonly safe: string;
  readonly notForRouter: string;
  readonly secretDiffers: string;
  readonly binaryDiffers: (from: number, to: number) => string;
}

export const INSPECT_LABELS: Record<Lang, InspectLabels> = {
  en: {
    image: 'Image',
    size: 'Size',
    container: 'Container',
    board: 'Profile',
    devices: 'For boards',
    noMetadata: 'the image does not say',
    release: 'Release',
    kernel: 'Kernel',
    builtAt: 'Built',
    rootfs: 'Root file system',
    rootfsOf: (type, compression, blockKiB, entries) =>
      `${type}, ${compression}, blocks of ${blockKiB} KiB, ${entries} entries`,
    unreadable: (type) => `${type}: what is in it cannot be read`,
    noRootfs: 'none found',
    signatures: 'Signed with',
    flashTitle: (device) => `Firmware partition of ${device}`,
    flashUse: { kernel: 'kernel', rootfs: 'root file system', padding: 'padding', writable: 'writable' },
    parts: 'Parts: offset, bytes',
    unpacked: (format) => `In the ${format} file`,
    content: 'Kernel and rootfs',
    writable: 'Writable space',
    writableOf: (kiB, blocks) => `${kiB} KiB, ${blocks} erase blocks`,
    unknownFlash: 'unknown: the flash of this device is not described',
    state: {
      recommended: 'enough',
      tight: 'less than recommended',
      'forgets-settings': 'too little: the router forgets every setting at reboot',
    },
    packages: 'Packages',
    packageCount: (count, manager) => `${count} (${manager})`,
    noPackages: 'the image has no list of them',
    users: 'Users',
    password: { set: 'password set', empty: 'no password: whoever asks is let in', locked: 'locked' },
    ssh: 'ssh keys',
    noKeys: 'none',
    secrets: 'Secrets',
    noSecrets: 'none found',
    plan: 'Plan',
    notOurs: 'not made by mape-image',
    firstBoot: 'First boot',
    mape: (name, path) => `MAP-E: ${name} (${path})`,
    noMape: 'no MAP-E interface is set up in this image',
    service: 'Service',
    serviceOf: {
      rule: (service) => `${service}, by its rule`,
      relay: (service) => `${service}, by its border relay; no rule is known for the prefix`,
      range: (service) => `${service}, by its range of prefixes; no rule is known for this one`,
    },
    serviceUnknown: 'unknown',
    differsFromRule: (wanted) => `the rule wants ${wanted}`,
    atFirstBoot: 'found out at the first boot',
    files: (count) => `Files (${count})`,
    sizes: 'Sizes',
    kernelSize: 'Kernel',
    rootfsSize: 'Root file system',
    settings: 'Settings',
    same: 'no difference in packages, files and settings',
    change: {
      added: 'added',
      removed: 'removed',
      upgraded: 'upgraded',
      downgraded: 'DOWNGRADED',
      changed: 'changed',
    },
    noPackageList: 'one of the images has no list of packages',
    verified: (entries, planId) => `${entries} entries read back: what plan ${planId} says is in the image`,
    safe: 'safe to flash',
    notForRouter: 'not for flashing: no router has the board of this image',
    secretDiffers: 'differs; it holds a secret and is not shown',
    binaryDiffers: (from, to) => `${from} -> ${to} bytes`,
  },
  ja: {
    image: 'イメージ',
    size: 'サイズ',
    container: '形式',
    board: '機種',
    devices: '対象ボード',
    noMetadata: 'イメージに記載がありません',
    release: 'リリース',
    kernel: 'カーネル',
    builtAt: '作成日時',
    rootfs: 'ルートファイルシステム',
    rootfsOf: (type, compression, blockKiB, entries) =>
      `${type}、${compression}、ブロック ${blockKiB} KiB、${entries} 項目`,
    unreadable: (type) => `${type}: 中身は読めません`,
    noRootfs: '見つかりません',
    signatures: '署名の鍵',
    flashTitle: (device) => `${device} のファームウェア領域`,
    flashUse: {
      kernel: 'カーネル',
      rootfs: 'ルートファイルシステム',
      padding: '詰め物',
      writable: '書き込み領域',
    },
    parts: '構成: 位置、バイト数',
    unpacked: (format) => `${format} ファイルの中身`,
    content: 'カーネルと rootfs',
    writable: '書き込み領域',
    writableOf: (kiB, blocks) => `${kiB} KiB、消去ブロック ${blocks} 個`,
    unknownFlash: '不明: この機種のフラッシュ情報がありません',
    state: {
      recommended: '十分です',
      tight: '推奨より少ないです',
      'forgets-settings': '不足: 再起動のたびに設定が失われます',
    },
    packages: 'パッケージ',
    packageCount: (count, manager) => `${count} 個 (${manager})`,
    noPackages: 'イメージに一覧がありません',
    users: 'ユーザー',
    password: { set: 'パスワードあり', empty: 'パスワードなし: 誰でも入れます', locked: 'ロック済み' },
    ssh: 'ssh 鍵',
    noKeys: 'なし',
    secrets: '秘密情報',
    noSecrets: '見つかりません',
    plan: '計画',
    notOurs: 'mape-image が作ったものではありません',
    firstBoot: '初回起動',
    mape: (name, path) => `MAP-E: ${name} (${path})`,
    noMape: 'このイメージに MAP-E のインターフェースはありません',
    service: 'サービス',
    serviceOf: {
      rule: (service) => `${service}（ルールが一致）`,
      relay: (service) => `${service}（BR が一致。プレフィックスのルールは未知）`,
      range: (service) => `${service}（プレフィックスの範囲が一致。ルールは未知）`,
    },
    serviceUnknown: '不明',
    differsFromRule: (wanted) => `ルールでは ${wanted}`,
    atFirstBoot: '初回起動時に決まります',
    files: (count) => `ファイル (${count})`,
    sizes: 'サイズ',
    kernelSize: 'カーネル',
    rootfsSize: 'ルートファイルシステム',
    settings: '設定',
    same: 'パッケージ、ファイル、設定に違いはありません',
    change: {
      added: '追加',
      removed: '削除',
      upgraded: '新しく',
      downgraded: '古くなる',
      changed: '変更',
    },
    noPackageList: '一方のイメージにパッケージの一覧がありません',
    verified: (entries, planId) => `${entries} 項目を読み戻しました。計画 ${planId} のとおりです`,
    safe: '書き込んで問題ありません',
    notForRouter: '書き込み不可: このボードのルーターは存在しません',
    secretDiffers: '異なります（秘密情報を含むため表示しません）',
    binaryDiffers: (from, to) => `${from} → ${to} バイト`,
  },
};
