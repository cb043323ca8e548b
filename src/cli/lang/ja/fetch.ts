import { amount, choose, quoted, quotedWhole, type Say, shown, suggest, type Value, when } from './text.ts';

const OTHER_MIRROR = '--mirror で別のサーバーを指定してください';
const TRY_AGAIN = `もう一度実行してください。直らなければ、${OTHER_MIRROR}`;

const inRelease = (release: Value): string => when(release, (name) => `OpenWrt ${name} `) || 'このリリース';

/** What can go wrong from the download server to a verified archive on disk, and what keeps it there. */
export const fetch = {
  MIRROR_INVALID: (d) => ({
    message: `${quotedWhole(d.mirror, '指定されたミラー')}はダウンロードサーバーのアドレスではありません`,
    hint: 'https://downloads.openwrt.org のように書いてください',
  }),
  RELEASE_INDEX_INVALID: (d) => ({
    message: `サーバーの${quoted(d.document, '一覧')}を読めません${when(d.reason, (reason) => `（${reason}）`)}`,
    hint: 'ミラーを確認してください。ネットワークのログイン画面が代わりに返された可能性もあります',
  }),
  RELEASE_UNKNOWN: (d) => ({
    message: `${when(d.release, (release) => `OpenWrt ${release} という`) || '指定された'}リリースはありません`,
    hint:
      when(d.near, (near) => `次のものがあります: ${near}`) ||
      'https://downloads.openwrt.org/releases/ を確認してください',
  }),
  RELEASE_WITHOUT_PROFILE: (d) => ({
    message: `${inRelease(d.release)}に${quoted(d.profile, 'この機種')}はありません`,
    hint: when(d.releases, (releases) => `次のリリースにあります: ${releases}`) || undefined,
  }),
  TARGET_AMBIGUOUS: (d) => ({
    message: `${quoted(d.profile, 'この機種')}は複数のターゲットにあります${when(d.targets, (targets) => `: ${targets}`)}`,
    hint: '--target で 1 つを選んでください',
  }),
  TARGET_INVALID: (d) => ({
    message: `${quoted(d.target, '指定された値')}はターゲットではありません`,
    hint: 'ath79/generic のように、スラッシュで区切って書いてください',
  }),
  TARGET_UNKNOWN: (d) => ({
    message: `${inRelease(d.release)}に${quoted(d.target, '機種の一覧')}がありません`,
    hint: suggest(d.near) ?? '--profile で機種を指定すると、ターゲットは自動で決まります',
  }),
  TARGET_WITHOUT_PROFILE: (d) => ({
    message: `${quoted(d.target, 'そのターゲット')}に${quoted(d.profile, 'この機種')}はありません`,
    hint: when(d.targets, (targets) => `次のターゲットにあります: ${targets}`) || '--target を外してください',
  }),
  IMAGEBUILDER_NOT_LISTED: (d) => ({
    message: `${inRelease(d.release)}に${quoted(d.target, 'このターゲット')}の ImageBuilder がありません`,
    hint: 'リリースとミラーを確認してください',
  }),
  IMAGEBUILDER_OTHER: (d) => ({
    message: `${quoted(d.target, 'このターゲット')}の一覧に、別の ImageBuilder が書かれています${when(d.names, (names) => `: ${names}`)}`,
    hint: `このミラーは別のリリースのファイルを配っています。使わないでください。${OTHER_MIRROR}`,
  }),
  SHA256SUMS_INVALID: (d) => ({
    message: `sha256sums の${when(d.line, (line) => ` ${line} 行目`) || '内容'}を読めません${when(d.found, () => `: ${quoted(d.found, '')}`)}`,
    hint: TRY_AGAIN,
  }),
  SIGNATURE_KEY_UNKNOWN: (d) => ({
    message: `${quoted(d.file, 'ファイル')}は、OpenWrt のものではない鍵${quoted(d.keyId, '')}で署名されています`,
    hint: `使わないでください。${OTHER_MIRROR}`,
  }),
  SIGNATURE_MALFORMED: (d) => ({
    message: `署名ファイルを読めません${when(d.reason, (reason) => `（${reason}）`)}`,
    hint: TRY_AGAIN,
  }),
  SIGNATURE_WRONG: (d) => ({
    message: `${quoted(d.file, 'ファイル')}の内容が署名と合いません${when(d.keyId, (key) => `（鍵 ${key}）`)}`,
    hint: `サーバーが更新中の可能性があります。${TRY_AGAIN}`,
  }),
  USIGN_KEY_INVALID: (d) => ({
    message: `usign の公開鍵として読めません${when(d.reason, (reason) => `（${reason}）`)}`,
    hint: 'コメントと base64 の 2 行からなるファイルを指定してください',
  }),
  CACHE_RECORD_INVALID: (d) => ({
    message: `キャッシュの記録を読めません${when(d.reason, (reason) => `（${reason}）`)}`,
    hint: '「mape-image cache verify --fix」を実行して、もう一度取得してください',
  }),
  CACHE_DAMAGED: (d) => ({
    message: `キャッシュに壊れたファイルが${amount(d.count, '個', '')}あります`,
    hint: '「mape-image cache verify --fix」で取り除けます。必要になれば、もう一度取得されます',
  }),
  STORE_DAMAGED: (d) => ({
    message: `キャッシュのファイル${quotedWhole(d.path, '')}が壊れています`,
    hint: '「mape-image cache verify --fix」を実行して、もう一度取得してください。ディスクも確認してください',
  }),
  FETCH_NO_DEVICE: () => ({
    message: '機種もターゲットも指定されていません',
    hint: '--profile tplink_archer-c6-v2 か --target ath79/generic を指定してください',
  }),
  FETCH_NOT_CACHED: (d) => ({
    message: `${quoted(d.wanted, '指定されたもの')}の ImageBuilder は、まだ取得されていません`,
    hint: `ネットワークがあるときに、--offline なしで 1 度取得してください${when(d.cached, (cached) => `。今あるのは ${cached} です`)}`,
  }),
  SNAPSHOT_UNCHECKED: (d) => ({
    message: `この ${shown(d.release, 'SNAPSHOT')} ${when(d.revision, (revision) => `(${revision}) `)}が今もサーバーにあるかは確認していません`,
    hint: '--offline を外すと確認できます。日付の違うパッケージは、カーネルに合いません',
  }),
  DOWNLOAD_DIGEST_MISMATCH: (d) => ({
    message: `${quotedWhole(d.url, 'ダウンロードしたファイル')}の sha256 が一覧と合いません${when(d.found, (found) => `（「${found}」）`)}`,
    hint: `何も残していません。${TRY_AGAIN}`,
  }),
  HTTP_BAD_REPLY: (d) => ({
    message: `${quotedWhole(d.url, 'サーバー')}の応答が正しくありません${when(d.reason, (reason) => `（${reason}）`)}`,
    hint: `${OTHER_MIRROR}。プロキシも確認してください`,
  }),
  HTTP_NOT_FOUND: (d) => ({
    message: `${quotedWhole(d.url, 'そのファイル')}はサーバーにありません`,
    hint: 'リリース、ターゲット、ミラーを確認してください',
  }),
  HTTP_OFFLINE: (d) => ({
    message: `--offline のため、${quotedWhole(d.url, 'サーバー')}に接続しません`,
    hint: '--offline を外すか、ネットワークがあるときに 1 度取得してください',
  }),
  HTTP_REDIRECT_REFUSED: (d) => ({
    message: `${quotedWhole(d.url, 'サーバー')}の転送に従えません${when(choose(REDIRECTS, d.reason), (reason) => `。${reason}`)}`,
    hint: OTHER_MIRROR,
  }),
  HTTP_STATUS: (d) => ({
    message: `${quotedWhole(d.url, 'サーバー')}の応答は${when(d.status, (status) => ` ${status} `) || 'エラー'}です`,
    hint: `時間をおいてもう一度実行するか、${OTHER_MIRROR}`,
  }),
  HTTP_TIMEOUT: (d) => ({
    message: `${quoted(d.host, 'サーバー')}の応答が時間内に来ませんでした`,
    hint: 'もう一度実行してください。届いた分は残っています',
  }),
  HTTP_TLS: (d) => ({
    message: `${quoted(d.host, 'サーバー')}への接続を信頼できません${when(d.reason, (reason) => `（${reason}）`)}`,
    hint: `${d.byClock === true ? 'このマシンの時計を確認してください' : '途中にプロキシなどがないか確認してください'}。http:// のミラーも使えます。ファイルは署名で確かめます`,
  }),
  HTTP_TOO_LARGE: (d) => ({
    message: `${quotedWhole(d.url, 'ファイル')}が大きすぎます${when(d.limitBytes, (bytes) => `（上限は ${bytes} バイト）`)}`,
    hint: `求めたファイルではありません。${OTHER_MIRROR}`,
  }),
  HTTP_UNREACHABLE: (d) => ({
    message: `${quoted(d.host, 'サーバー')}に接続できません${when(d.reason, (reason) => `（${reason}）`)}`,
    hint: 'ネットワークとプロキシを確認してください。取得済みであれば --offline で使えます',
  }),
  PROXY_INVALID: (d) => ({
    message: `${when(d.name, (name) => `${name} `) || 'プロキシの環境変数'}の値がプロキシのアドレスではありません`,
    hint: 'http://proxy.example:3128 のように書いてください',
  }),
} satisfies Record<string, Say>;

export type FetchCode = keyof typeof fetch;

const REDIRECTS: Readonly<Record<string, string>> = {
  'too-many': '転送が多すぎます',
  nowhere: '転送先がありません',
  protocol: '転送先が http でも https でもありません',
  downgrade: 'https から http への転送です',
};
