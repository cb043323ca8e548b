import type { DeviceProfile, Figure } from '../../device/device.ts';
import type { Looks } from '../context.ts';
import { renderFacts } from './plan.ts';
import { paint, wrap } from './style.ts';

const LABELS = {
  en: {
    target: 'Target',
    boards: 'Boards',
    ram: 'RAM',
    flash: 'Flash',
    firmware: 'Firmware partition',
    eraseBlock: 'Erase block',
    builds: 'Builds up to',
    forgets: 'Keeps settings up to',
    recommended: 'Recommended up to',
    packages: 'Default packages',
    recovery: 'Recovery',
  },
  ja: {
    target: 'ターゲット',
    boards: 'ボード',
    ram: 'RAM',
    flash: 'フラッシュ',
    firmware: 'ファームウェア領域',
    eraseBlock: '消去ブロック',
    builds: '生成できる上限',
    forgets: '設定を保持できる上限',
    recommended: '推奨の上限',
    packages: '既定のパッケージ',
    recovery: '復旧手順',
  },
} as const;

/** What is known of a device, each figure with its source below it. */
export function renderDevice(device: DeviceProfile, looks: Looks): string[] {
  const labels = LABELS[looks.lang];
  const bytes = (label: string, figure: Figure | undefined): (readonly [string, string])[] =>
    figure === undefined
      ? []
      : [
          [label, `${figure.value.toLocaleString('en')} B`],
          ['', `(${figure.source})`],
        ];
  const { flash, recovery } = device;
  const facts = [
    [labels.target, device.target ?? '-'] as const,
    [labels.boards, device.supportedDevices.join(', ') || '-'] as const,
    ...bytes(labels.ram, device.ramBytes),
    ...bytes(labels.flash, flash?.sizeBytes),
    ...bytes(labels.firmware, flash?.firmwareSizeBytes),
    ...bytes(labels.eraseBlock, flash?.eraseBlockBytes),
    ...bytes(labels.builds, flash?.limits.buildsContentBytes),
    ...bytes(labels.forgets, flash?.limits.forgetsSettingsContentBytes),
    ...bytes(labels.recommended, flash?.limits.recommendedContentBytes),
    ...device.packages.map(
      ({ series, items }) =>
        [
          `${labels.packages} ${series}`,
          items.map(({ name, removed }) => (removed ? `-${name}` : name)).join(' '),
        ] as const,
    ),
  ];
  const numbered = (recovery?.steps ?? []).map((step, index) => `${index + 1}. ${step}`);
  return [
    paint(looks, 'bold', `${device.id}  ${device.title}`),
    ...renderFacts(facts, looks),
    ...device.notes.flatMap((note) => ['', ...wrap(note, looks.columns - 4).map((line) => `  ${line}`)]),
    ...(recovery === undefined
      ? []
      : [
          '',
          paint(looks, 'bold', `${labels.recovery} (${recovery.confidence})`),
          ...[...numbered, `(${recovery.source})`].flatMap((line) =>
            wrap(line, looks.columns - 4).map((part) => `  ${part}`),
          ),
        ]),
  ];
}
