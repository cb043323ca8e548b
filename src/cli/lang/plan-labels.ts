import type { FitState } from '../../device/fit.ts';
import type { Lang } from './lang.ts';

export interface PlanLabels {
  readonly plan: (id: string) => string;
  readonly device: string;
  readonly release: string;
  readonly imagebuilder: string;
  readonly noImagebuilder: string;
  readonly service: string;
  readonly ipv4: string;
  readonly ports: (count: number, ranges: number) => string;
  readonly ce: string;
  readonly br: string;
  readonly line: string;
  readonly lineKind: Record<'ra' | 'pd' | 'both', string>;
  readonly packages: string;
  readonly overlay: (files: number, bytes: number) => string;
  readonly leaves: string;
  readonly nothing: string;
  readonly image: string;
  readonly size: string;
  readonly forBoards: string;
  readonly writable: string;
  readonly unknown: string;
  readonly kernelRootfs: string;
  readonly installed: string;
  readonly packageCount: (count: number) => string;
  readonly sha256: string;
  readonly next: string;
  readonly flash: (name: string) => readonly string[];
  readonly notFlashable: string;
  readonly verdictBuilt: string;
  readonly verdictNotForRouter: (boards: string) => string;
  readonly verdictAlready: string;
  readonly origins: string;
  readonly estimate: string;
  readonly estimateUnknown: string;
  readonly estimateRange: (low: string, high: string) => string;
  readonly estimateWritable: (leastKiB: number, mostKiB: number) => string;
  readonly estimateVerdict: Record<FitState, string>;
  readonly estimateUncounted: (names: string) => string;
}

export const PLAN_LABELS: Record<Lang, PlanLabels> = {
  en: {
    plan: (id) => `Plan ${id}`,
    device: 'Device',
    release: 'Release',
    imagebuilder: 'ImageBuilder',
    noImagebuilder: 'none given: build fetches the one of OpenWrt',
    service: 'Service',
    ipv4: 'IPv4 address',
    ports: (count, ranges) => `${count} ports in ${ranges} ranges`,
    ce: 'CE address',
    br: 'Border relay',
    line: 'Line',
    lineKind: {
      ra: 'router advertisement, /64',
      pd: 'prefix delegation (DHCPv6-PD)',
      both: 'router advertisement or prefix delegation',
    },
    packages: 'Packages',
    overlay: (files, bytes) => `Overlay: ${files} files, ${bytes} bytes`,
    leaves: 'Leaves this machine',
    nothing: 'nothing',
    image: 'Image',
    size: 'Size',
    forBoards: 'For boards',
    writable: 'Writable space',
    unknown: 'unknown: the flash of this device is not described',
    kernelRootfs: 'Kernel, rootfs',
    installed: 'Installed',
    packageCount: (count) => `${count} packages`,
    sha256: 'sha256',
    next: 'Flash it',
    flash: (name) => [
      `scp -O ${name} root@192.168.1.1:/tmp/fw.bin`,
      'ssh root@192.168.1.1 sysupgrade -T /tmp/fw.bin   # must say nothing',
      'ssh root@192.168.1.1 sysupgrade -n /tmp/fw.bin   # -n: settings of the image, not the old ones',
    ],
    notFlashable: 'no router has this board: the image cannot be flashed',
    verdictBuilt: 'built: digest, name, board and packages of the image are as planned',
    verdictNotForRouter: (boards) => `not for flashing: the image is for ${boards}, a board no router has`,
    verdictAlready: 'nothing to do: this plan has been built before (--force builds it again)',
    origins: 'Where each setting came from',
    estimate: 'Estimated size',
    estimateUnknown: 'unknown: no image of this device and release has been measured',
    estimateRange: (low, high) => `${low} to ${high} bytes (kernel and root file system)`,
    estimateWritable: (least, most) => (least === most ? `${least} KiB` : `${least} to ${most} KiB`),
    estimateVerdict: {
      recommended: 'enough for settings and more',
      tight: 'may be tight; the image itself will tell',
      'forgets-settings': 'may be too little to keep settings; the image itself will tell',
    },
    estimateUncounted: (names) => `size unknown, not counted: ${names}`,
  },
  ja: {
    plan: (id) => `計画 ${id}`,
    device: '機種',
    release: 'リリース',
    imagebuilder: 'ImageBuilder',
    noImagebuilder: '指定なし: build は OpenWrt のものを取得します',
    service: 'サービス',
    ipv4: 'IPv4 アドレス',
    ports: (count, ranges) => `${ranges} 区間 ${count} ポート`,
    ce: 'CE アドレス',
    br: 'BR アドレス',
    line: '回線',
    lineKind: {
      ra: 'RA (ルーター広告) の /64',
      pd: 'DHCPv6-PD によるプレフィックス委譲',
      both: 'RA または DHCPv6-PD',
    },
    packages: 'パッケージ',
    overlay: (files, bytes) => `オーバーレイ: ${files} ファイル、${bytes} バイト`,
    leaves: 'このマシンから出るもの',
    nothing: 'なし',
    image: 'イメージ',
    size: 'サイズ',
    forBoards: '対象ボード',
    writable: '書き込み領域',
    unknown: '不明: この機種のフラッシュ情報がありません',
    kernelRootfs: 'カーネル、rootfs',
    installed: '導入済み',
    packageCount: (count) => `${count} パッケージ`,
    sha256: 'sha256',
    next: '書き込み手順',
    flash: (name) => [
      `scp -O ${name} root@192.168.1.1:/tmp/fw.bin`,
      'ssh root@192.168.1.1 sysupgrade -T /tmp/fw.bin   # 何も表示されないこと',
      'ssh root@192.168.1.1 sysupgrade -n /tmp/fw.bin   # -n: 古い設定を残さない',
    ],
    notFlashable: 'このボードのルーターは存在しないため、書き込めません',
    verdictBuilt: '完成: イメージのダイジェスト、名前、ボード、パッケージは計画どおりです',
    verdictNotForRouter: (boards) => `書き込み不可: 対象ボード ${boards} のルーターは存在しません`,
    verdictAlready: '何もしません: この計画はビルド済みです (--force で再ビルド)',
    origins: '各設定の出所',
    estimate: '推定サイズ',
    estimateUnknown: '不明: この機種とリリースで測定済みのイメージがありません',
    estimateRange: (low, high) => `${low}〜${high} バイト (カーネルとルートファイルシステム)`,
    estimateWritable: (least, most) => (least === most ? `${least} KiB` : `${least}〜${most} KiB`),
    estimateVerdict: {
      recommended: '設定の保存に十分です',
      tight: '余裕が少ない可能性があります。ビルド後に確定します',
      'forgets-settings': '設定を保存できない可能性があります。ビルド後に確定します',
    },
    estimateUncounted: (names) => `サイズ不明で未計上: ${names}`,
  },
};
