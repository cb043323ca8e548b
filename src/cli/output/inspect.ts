import { escapeControls } from '../../bytes/escape-controls.ts';
import type { Inspected } from '../../flow/inspect.ts';
import type { ImagePart } from '../../image/container/types.ts';
import type { BakedMape, Contents } from '../../image/contents/contents.ts';
import { MAP_OPTIONS } from '../../image/contents/mape-settings.ts';
import {
  computeFlashPieces,
  type FlashLabels,
  type FlashPiece,
  renderFlashText,
} from '../../image/flash-picture.ts';
import type { Looks } from '../context.ts';
import { INSPECT_LABELS } from '../lang/inspect-labels.ts';
import { renderFinding } from './error.ts';
import { renderFacts } from './plan.ts';
import { paint } from './style.ts';

type Fact = readonly [label: string, value: string];

/** What is inside an image, for a person. */
export function renderInspected(found: Inspected, name: string, looks: Looks): readonly string[] {
  return [
    paint(looks, 'bold', escapeControls(name)),
    ...renderFacts([...imageFacts(found, looks), ...flashFacts(found, looks)], looks),
    '',
    ...renderFlash(found, looks),
    ...renderParts(found, looks),
    '',
    ...(found.contents === undefined ? [] : renderContents(found.contents, looks)),
    ...(found.findings.length === 0 ? [] : ['']),
    ...found.findings.flatMap((finding) => renderFinding(finding, looks)),
  ];
}

function imageFacts({ image, sha256, squashfs, contents }: Inspected, looks: Looks): readonly Fact[] {
  const labels = INSPECT_LABELS[looks.lang];
  const { metadata, kernel, rootfs, signatures } = image;
  const release = contents?.release;
  const version = release?.version ?? metadata?.version;
  const revision = release?.revision ?? metadata?.revision;
  const kernelText = kernel?.name ?? release?.kernelVersions.map((text) => `Linux ${text}`).join(', ') ?? '';
  const root =
    squashfs === undefined
      ? rootfs === undefined
        ? labels.noRootfs
        : labels.unreadable(rootfs.type)
      : labels.rootfsOf(
          'squashfs 4.0',
          squashfs.compression,
          squashfs.blockSizeBytes / 1024,
          squashfs.entries.length,
        );
  const keyIds = signatures.flatMap(({ format, keyIds: ids }) =>
    ids.slice(0, 1).map((id) => `${format} ${id}`),
  );
  return [
    [labels.size, `${image.sizeBytes.toLocaleString('en')} B`],
    ['sha256', sha256],
    [labels.container, image.kind],
    [labels.board, metadata?.board ?? labels.noMetadata],
    ...fact(labels.devices, metadata?.supportedDevices.join(', ')),
    ...fact(
      labels.release,
      [release?.distribution ?? metadata?.dist, version, release?.target ?? metadata?.target, revision]
        .filter((part) => part !== undefined && part !== '')
        .join(' '),
    ),
    ...fact(labels.kernel, kernelText),
    ...fact(labels.builtAt, kernel?.builtAtSec === undefined ? undefined : showTime(kernel.builtAtSec)),
    [labels.rootfs, root],
    ...fact(labels.signatures, keyIds.join(', ')),
  ];
}

function flashFacts({ image, fit, device }: Inspected, looks: Looks): readonly Fact[] {
  const labels = INSPECT_LABELS[looks.lang];
  const { contentBytes, kernel, rootfs } = image;
  if (contentBytes === undefined) return [];
  const parts = [kernel?.sizeBytes, rootfs?.sizeBytes].map((bytes) => bytes?.toLocaleString('en') ?? '?');
  const rows: Fact[] = [[labels.content, `${contentBytes.toLocaleString('en')} B (${parts.join(' + ')})`]];
  if (fit === undefined || device.flash === undefined)
    return [...rows, [labels.writable, labels.unknownFlash]];
  const blocks = fit.writableBytes / device.flash.eraseBlockBytes.value;
  const text = `${labels.writableOf(fit.writableBytes / 1024, blocks)}: ${labels.state[fit.state]}`;
  return [...rows, [labels.writable, text]];
}

/** The flash as a picture where it is described. */
function renderFlash(found: Inspected, looks: Looks): readonly string[] {
  const picture = computePicture(found, looks.lang);
  if (picture === undefined) return [];
  const lines = renderFlashText(picture.pieces, picture.labels, {
    columns: looks.columns - 4,
    unicode: looks.unicode,
  });
  return [...lines.map((line) => `  ${line}`), ''];
}

/** What the picture shows; absent where the flash is not known or the image's parts do not lie in it. */
export function computePicture(
  { image, device }: Pick<Inspected, 'image' | 'device'>,
  lang: Looks['lang'],
): { readonly pieces: readonly FlashPiece[]; readonly labels: FlashLabels } | undefined {
  const { flash } = device;
  const { contentBytes, rootfs } = image;
  if (flash === undefined || contentBytes === undefined || rootfs === undefined) return undefined;
  const sizes = { kernelBytes: contentBytes - rootfs.sizeBytes, rootfsBytes: rootfs.sizeBytes };
  const place = {
    offsetBytes: flash.firmwareOffsetBytes.value,
    sizeBytes: flash.firmwareSizeBytes.value,
    eraseBlockBytes: flash.eraseBlockBytes.value,
  };
  const { flashTitle, flashUse } = INSPECT_LABELS[lang];
  return {
    pieces: computeFlashPieces(sizes, place),
    labels: { title: flashTitle(device.title), use: flashUse },
  };
}

/** Every part of the file: offset and size in bytes, name. */
function renderParts({ image }: Inspected, looks: Looks): readonly string[] {
  const rows = (parts: readonly ImagePart[]) =>
    parts.map(({ offset, sizeBytes, name }) =>
      escapeControls(
        `  0x${offset.toString(16).padStart(8, '0')} ${String(sizeBytes).padStart(10)}  ${name}`,
      ),
    );
  const { parts, unpacked } = INSPECT_LABELS[looks.lang];
  return [
    paint(looks, 'bold', parts),
    ...rows(image.parts),
    ...(image.unpacked === undefined
      ? []
      : [paint(looks, 'bold', unpacked(image.unpacked.format)), ...rows(image.unpacked.parts)]),
  ];
}

function renderContents(contents: Contents, looks: Looks): readonly string[] {
  const labels = INSPECT_LABELS[looks.lang];
  const { packages, users, ssh, secrets, own, firstBootScripts, mape } = contents;
  const people = users.filter(({ uid, password }) => uid === 0 || password !== 'locked');
  const facts: Fact[] = [
    [
      labels.packages,
      packages === undefined
        ? labels.noPackages
        : labels.packageCount(packages.packages.length, packages.manager),
    ],
    [labels.users, people.map(({ name, password }) => `${name}: ${labels.password[password]}`).join('; ')],
    [
      labels.ssh,
      ssh.keys.map(({ type, fingerprint }) => `${type} ${fingerprint}`).join(', ') || labels.noKeys,
    ],
    [
      labels.secrets,
      secrets.map(({ kind, path, place }) => `${kind} ${place ?? ''} (${path})`).join('; ') ||
        labels.noSecrets,
    ],
    [labels.plan, own === undefined ? labels.notOurs : (own.planId ?? '?')],
    ...fact(labels.firstBoot, firstBootScripts.join(', ')),
  ];
  const settings =
    mape.length === 0 ? ['', labels.noMape] : mape.flatMap((baked) => ['', ...renderMape(baked, looks)]);
  return [...renderFacts(facts, looks), ...settings];
}

/** The options in the order in which LuCI shows them, those that differ from the service's rule marked. */
function renderMape({ interfaceName, path, options, implied }: BakedMape, looks: Looks): readonly string[] {
  const labels = INSPECT_LABELS[looks.lang];
  const wanted = new Map(
    implied.kind === 'rule' ? implied.differences.map((one) => [one.option, one.wanted]) : [],
  );
  const service =
    implied.kind === 'unknown' ? labels.serviceUnknown : labels.serviceOf[implied.kind](implied.service);
  const rows = MAP_OPTIONS.flatMap((name): Fact[] => {
    const value = options[name];
    const other = wanted.get(name);
    if (value === undefined && other === undefined) return [];
    const shown = value === null ? labels.atFirstBoot : (value ?? '-');
    const mark = other === undefined || value === null ? '' : `  (${labels.differsFromRule(other)})`;
    return [[name, `${shown}${mark}`]];
  });
  return [
    paint(looks, 'bold', labels.mape(escapeControls(interfaceName ?? '?'), escapeControls(path))),
    ...renderFacts([[labels.service, service], ...rows], looks),
  ];
}

/** Every entry as `ls -l` shows it, numbers for owners. */
export function renderFiles({ squashfs }: Pick<Inspected, 'squashfs'>): readonly string[] {
  const entries = squashfs?.entries ?? [];
  const owner = (uid: number, gid: number) => `${uid}/${gid}`.padEnd(7);
  return entries.map((entry) => {
    const size = entry.device === undefined ? entry.sizeBytes : `${entry.device.major},${entry.device.minor}`;
    const target = entry.target === undefined ? '' : ` -> ${entry.target}`;
    const mode = entry.mode.toString(8).padStart(4, '0');
    const line = `${TYPE_SIGN[entry.type]} ${mode} ${owner(entry.uid, entry.gid)} ${String(size).padStart(9)} ${entry.path}${target}`;
    return escapeControls(line);
  });
}

const TYPE_SIGN = {
  file: '-',
  directory: 'd',
  symlink: 'l',
  'block-device': 'b',
  'char-device': 'c',
  fifo: 'p',
  socket: 's',
} as const;

export function renderPackages({ contents }: Pick<Inspected, 'contents'>): readonly string[] {
  return (contents?.packages?.packages ?? []).map(({ name, version }) =>
    escapeControls(`${name} - ${version}`),
  );
}

/** An image for programs. */
export function inspectDocument(found: Inspected, name: string): Record<string, unknown> {
  const { image, squashfs, contents, fit, device, sha256, findings } = found;
  const { rootfs, ...layout } = image;
  return {
    schema: 'mape-image/inspect@1',
    ok: true,
    name,
    sha256,
    ...layout,
    kernel: layout.kernel ?? null,
    metadata: layout.metadata ?? null,
    unpacked: layout.unpacked ?? null,
    rootfs:
      rootfs === undefined
        ? null
        : {
            type: rootfs.type,
            offset: rootfs.offset,
            sizeBytes: rootfs.sizeBytes,
            compression: squashfs?.compression ?? null,
            blockSizeBytes: squashfs?.blockSizeBytes ?? null,
            madeAtSec: squashfs?.madeAtSec ?? null,
          },
    device: device.flash === undefined ? null : { id: device.id, title: device.title },
    fit: fit ?? null,
    contents:
      contents === undefined
        ? null
        : { ...contents, own: contents.own === undefined ? null : { planId: contents.own.planId ?? null } },
    files: squashfs?.entries ?? null,
    findings,
  };
}

function fact(label: string, value: string | undefined): readonly Fact[] {
  return value === undefined || value === '' ? [] : [[label, value]];
}

function showTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('T', ' ').replace('.000Z', ' UTC');
}
