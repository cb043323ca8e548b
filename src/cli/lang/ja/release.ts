import type { ReleaseErrorCode } from '../../../release/errors.ts';
import type { FetchCode } from './fetch.ts';
import { quoted, type Say, shown, when } from './text.ts';

const SEE_LOG = 'ビルドのログを確認してください。公式の ImageBuilder で起きたのであれば、ご報告ください';

export const release = {
  MAKE_INFO_INVALID: (d) => ({
    message: `「make info」の出力に読めない箇所があります${when(d.line, (line) => `（${line} 行目）`)}${when(d.text, () => `: ${quoted(d.text, '')}`)}`,
    hint: 'ImageBuilder の中で「make info」を実行してください。公式の ImageBuilder であれば、その出力を添えてご報告ください',
  }),
  MANIFEST_INVALID: (d) => ({
    message: `パッケージの manifest の${when(d.line, (line) => ` ${line} 行目に`) || '各行に'}「名前 - 版」が必要ですが、${quoted(d.text, '空')}です`,
    hint: SEE_LOG,
  }),
  PACKAGE_NAME_INVALID: (d) => ({
    message: `${quoted(d.package, '指定された文字列')}はパッケージ名ではありません。使えるのは英数字と _ . + - です`,
    hint: 'openwrt.org のパッケージ一覧のとおりに、名前を 1 つずつ書いてください',
  }),
  PACKAGE_VERSION_PINNED: (d) => ({
    message: `パッケージ名${quoted(d.package, '')}に版が付いています`,
    hint: `${quoted(d.name, '名前')}だけを書いてください。版はリリースごとに決まっています`,
  }),
  PROFILES_JSON_INVALID: (d) => ({
    message: `OpenWrt の profiles.json として読めません${when(d.reason, (reason) => `（${reason}）`)}`,
    hint: SEE_LOG,
  }),
  RELEASE_UNSUPPORTED: (d) => ({
    message: `${when(d.version, (version) => `OpenWrt ${version} `) || 'この版の OpenWrt '}には対応していません`,
    hint: `対応するリリースを使ってください: ${shown(d.supported, '新しい版')}`,
  }),
  VERSION_INVALID: (d) => ({
    message: `${quoted(d.version, '指定された値')}は OpenWrt の版ではありません`,
    hint: '24.10.4 や SNAPSHOT のように、リリース名のとおりに書いてください',
  }),
} satisfies Record<Exclude<ReleaseErrorCode, FetchCode>, Say>;
