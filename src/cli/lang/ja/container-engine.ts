import type { Details } from '../../../errors.ts';
import { choose, quoted, quotedWhole, type Say, shown, when } from './text.ts';

/** What keeps podman or docker from building. */
export const containerEngine = {
  CONTAINER_DIGEST_MISMATCH: (d) => ({
    message: `コンテナーイメージ${quotedWhole(d.image, '')}の内容が、指定されたダイジェストと異なります`,
    hint: '使わないでください。別のネットワークから取得し直してください',
  }),
  CONTAINER_DISK_FULL: (d) => ({
    message: `${tool(d)}がファイルを置く場所に空きがありません`,
    hint: 'podman system prune か docker system prune で空きを作ってください。仮想マシンではディスクを大きくしてください',
  }),
  CONTAINER_ENDED: (d) => ({
    message: `ビルドの途中でコンテナーが終了しました${when(d.exitCode, (code) => `（終了コード ${code}）`)}`,
    hint: `${tool(d)}のある環境でメモリー不足（out of memory）が起きていないか確認してください。2 GB 以上を割り当てて、もう一度実行してください`,
  }),
  ENGINE_RELEASE_UNKNOWN: (d) => ({
    message: `ネットワークなしでコンテナーイメージを決められません${when(d.release, (release) => `（リリースは ${release} です）`)}`,
    hint: '「--release 24.10.8」のようにリリースを最後まで書くか、--container-image でイメージを指定してください',
  }),
  CONTAINER_FAILED: (d) => ({
    message: `${tool(d)}が失敗しました${when(d.action, (action) => `（${action}）`)}${when(d.exitCode, (code) => `。終了コードは ${code} です`)}`,
    hint: '表示された行を確認してください',
  }),
  CONTAINER_IMAGE_INVALID: (d) => ({
    message: `コンテナーイメージの名前ではありません${when(d.image, () => `: ${quoted(d.image, '')}`)}`,
    hint: '「ghcr.io/openwrt/imagebuilder:ath79-generic-v24.10.4」のように書くか、@sha256: とダイジェストを付けてください',
  }),
  CONTAINER_IMAGE_NOT_CACHED: (d) => ({
    message: `コンテナーイメージ${quotedWhole(d.image, '')}がまだ取得されておらず、--offline のため取得できません`,
    hint: `一度 --offline を付けずに実行するか、次を実行してください: ${shown(d.program, 'podman')} pull --platform ${shown(d.platform, 'linux/amd64')} ${shown(d.image, 'IMAGE')}`,
  }),
  CONTAINER_IMAGE_UNKNOWN: (d) => ({
    message: `コンテナーイメージ${quotedWhole(d.image, '')}がサーバーにありません`,
    hint: 'リリースとターゲットを確認してください。OpenWrt のタグは「ath79-generic-v24.10.4」の形です。--container-image でも指定できます',
  }),
  CONTAINER_KILLED: (d) => ({
    message: `コンテナーの中の make がシグナル${when(d.signal, (signal) => ` ${signal} `)}で終了させられました`,
    hint: `${tool(d)}のある環境でメモリー不足（out of memory）が起きていないか確認し、2 GB 以上を割り当ててください`,
  }),
  CONTAINER_NO_IMAGEBUILDER: (d) => ({
    message: `コンテナーイメージ${quotedWhole(d.image, '')}に ImageBuilder がありません${when(d.missing, (missing) => `（足りないもの: ${missing}）`)}`,
    hint: '--imagebuilder で指定するか、--container-image と --offline を外してください',
  }),
  CONTAINER_PLATFORM: (d) => ({
    message: `${tool(d)}では、linux/amd64 のイメージ${quotedWhole(d.image, '')}を使えません`,
    hint: 'arm64 ではエミュレーションを有効にしてください（Docker Desktop や podman machine の Rosetta、Linux では qemu-user-static）',
  }),
  CONTAINER_PULL_FAILED: (d) => ({
    message: `${tool(d)}がコンテナーイメージ${quotedWhole(d.image, '')}を取得できません`,
    hint: '接続を確認して、もう一度実行してください',
  }),
  CONTAINER_SETUP_FAILED: (d) => ({
    message: `コンテナーイメージ${quotedWhole(d.image, '')}の${quoted(d.script, '準備スクリプト')}が ImageBuilder を取得できません${when(d.exitCode, (code) => `（終了コード ${code}）`)}`,
    hint: '接続を確認してもう一度実行するか、--imagebuilder で ImageBuilder を指定してください',
  }),
  CONTAINER_TOOL_MISSING: (d) => ({
    message: `コンテナーでのビルドに必要なプログラムがありません${when(d.wanted, (wanted) => `: ${wanted}`)}`,
    hint: 'podman を導入してください（Linux ではパッケージ podman、macOS では podman.io か Docker Desktop）',
  }),
  CONTAINER_TOOL_UNKNOWN: (d) => ({
    message: `${when(d.variable, (name) => `${name} `) || '環境変数'}の値は podman か docker にしてください${when(d.found, () => `（現在の値は${quoted(d.found, '')}）`)}`,
    hint: '設定しなければ podman を使い、なければ docker を使います',
  }),
  CONTAINER_TOOL_UNREACHABLE: (d) => ({
    message: `${tool(d)}を使えません${when(choose(UNREACHABLE, d.reason)?.found, (found) => `。${found}`)}`,
    hint: choose(UNREACHABLE, d.reason)?.hint ?? '起動しているか確認してください',
  }),
  CONTAINER_TOOLS_MISSING: (d) => ({
    message: `ImageBuilder に必要なものがコンテナーに足りません${when(d.tools, (tools) => `: ${tools}`)}`,
    hint: '--container-image を外すか、そのイメージに追加してください',
  }),
} satisfies Record<string, Say>;

export type ContainerEngineCode = keyof typeof containerEngine;

const UNREACHABLE: Readonly<Record<string, { readonly found: string; readonly hint: string }>> = {
  permission: {
    found: 'このユーザーには権限がありません',
    hint: 'ユーザーをグループ docker に加えてログインし直すか、権限の要らない podman を使ってください',
  },
  machine: {
    found: '仮想マシンが起動していません',
    hint: 'podman machine init（初回だけ）と podman machine start で起動してください',
  },
  daemon: {
    found: 'デーモンが起動していません',
    hint: 'Docker Desktop を起動してください。Linux では: sudo systemctl start docker',
  },
  namespaces: {
    found: 'ユーザー名前空間を作れません',
    hint: '/etc/subuid と /etc/subgid でユーザーに範囲を割り当て、podman system migrate を実行してください',
  },
};

function tool({ program }: Details): string {
  return when(program, (name) => `${name} `) || 'コンテナーのプログラム';
}
