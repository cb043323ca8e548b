import type { Details } from '../../../errors.ts';
import type { MapeErrorCode } from '../../../mape/errors.ts';
import type { MalformedReason } from '../../../mape/input.ts';
import type { Sentence } from '../lang.ts';
import { otherLine, serviceName } from './services.ts';
import { choose, quoted, quotedWhole, type Say, shown, when } from './text.ts';

const EXAMPLE = '2400:4151:8000:1200::/64';
const RULE_EXAMPLE =
  'ルールは { ipv6: 240b:10::/31, ipv4: 106.72.0.0/15, ea: 25, psidOffset: 4, br: 2404:9200:225:100::64 } のように書きます';

const MALFORMED = {
  empty: `回線の IPv6 プレフィックスまたはアドレスを、${EXAMPLE} のように指定してください`,
  'blank-inside': '空白を入れず、プレフィックスを 1 つだけ指定してください',
  'full-width': '半角文字で入力してください',
  ipv4: '回線の IPv6 プレフィックスを指定してください。IPv4 アドレスはそこから計算します',
  zone: '% とその後ろのインターフェース名を取り除いてください',
  length: '「/」の後ろには 56 から 128 までの数を書いてください',
  characters: `IPv6 アドレスに使えるのは 16 進数とコロンだけです。例: ${EXAMPLE}`,
  groups: `IPv6 アドレスは 4 桁までの 8 組からなり、0 の続く組は 1 か所だけ「::」と略せます。例: ${EXAMPLE}`,
} satisfies Record<MalformedReason, string>;

/** How to correct a text that is no IPv6 prefix, from `details.reason`. */
export function malformedHint({ reason }: Details): string {
  return choose(MALFORMED, reason) ?? MALFORMED.empty;
}

export const mape = {
  PREFIX_MALFORMED: (d) => ({
    message:
      d.reason === 'empty'
        ? 'プレフィックスが指定されていません'
        : `${quoted(d.value, '指定された値')}は IPv6 プレフィックスまたはアドレスではありません`,
    hint: malformedHint(d),
  }),
  PREFIX_TOO_SHORT: (d) => ({
    message: `${when(d.bits, (bits) => `/${bits} の`)}プレフィックスでは情報が足りません。MAP-E の計算には${when(d.wantedBits, (bits) => ` /${bits} 以上の`) || '十分な'}長さが必要です`,
    hint: 'プロバイダーの範囲ではなく、ご自分の回線のプレフィックス（/56 または /64）を指定してください',
  }),
  PREFIX_NOT_MAP_E: notMapE,
  PREFIX_NO_INTERNET: notMapE,
  PREFIX_NO_RULE: noRule,
  RULE_INVALID: invalidRule,
  SERVICE_UNKNOWN: (d) => ({
    message: `${quoted(d.service, '指定された名前')}というサービスはありません`,
    hint: `次のいずれかを指定してください: ${shown(d.known, '「mape-image services」に表示される名前')}`,
  }),
  SERVICE_NOT_MAP_E: (d) => {
    const { name, what, advice } = otherLine(d.service);
    return { message: `「${name}」は MAP-E ではありません。${what}です`, hint: advice };
  },
  SUBNET_BITS_NONZERO: (d) => ({
    message: `回線のプレフィックス${when(d.endUserBits, (bits) => ` /${bits} `)}より後ろのビットが 0 ではありません${when(d.subnetId, (id) => `（サブネット ${id}）`)}。サブネット 0 として計算しました`,
    hint: 'このようなプレフィックスは、すでに回線を受け持つゲートウェイから配られることが多く、その場合 MAP-E はそのゲートウェイでしか使えません',
  }),
} satisfies Record<MapeErrorCode | 'SUBNET_BITS_NONZERO', Say>;

function notMapE(d: Details): Sentence {
  const { name, what, advice } = otherLine(d.service);
  return {
    message: `このプレフィックスは「${name}」のものです。${what}で、MAP-E ではありません`,
    hint: advice,
  };
}

/** Ranges that are the prefix of no line at all. */
const SPECIAL: Readonly<Record<string, string>> = {
  unspecified: '未指定アドレス',
  loopback: 'ループバックアドレス',
  'ipv4-mapped': 'IPv4 射影アドレス',
  'unique-local': 'ユニークローカルアドレス（fc00::/7）',
  'link-local': 'リンクローカルアドレス（fe80::/10）',
  documentation: '文書用プレフィックス（2001:db8::/32）',
};

function noRule(d: Details): Sentence {
  const special = choose(SPECIAL, d.reason);
  if (special !== undefined)
    return {
      message: `${special}は、インターネット回線のプレフィックスではありません`,
      hint: 'ルーターの WAN 側で、2 で始まるグローバルプレフィックスを確認してください',
    };
  switch (d.reason) {
    case 'forced': {
      const owner = when(d.owner, (id) => id);
      return {
        message: `「${serviceName(d.service, '指定されたサービス')}」のルールに、このプレフィックスを含むものがありません${owner === '' ? '' : `。「${serviceName(owner, owner)}」の範囲にあります`}`,
        hint:
          owner === ''
            ? '--service を外すと、回線の種類が分かります'
            : `--service を外すか、--service ${owner} を指定してください`,
      };
    }
    case 'unknown-rule':
      return {
        message: `このプレフィックスは「${serviceName(d.service, '既知のサービス')}」のものですが、この版はそのルールを知りません`,
        hint: '回線のルールをお持ちなら --rule で指定してください。ルールは追加されるので、新しい版も確認してください',
      };
    case 'outside-user-rules':
      return {
        message: `${quotedWhole(d.value, '指定されたプレフィックス')}を含むルールが、指定されたルールの中にありません`,
        hint: '--rule のファイルを直すか、--rule を外して内蔵のルールを使ってください',
      };
    default:
      return {
        message: 'このプレフィックスを使う日本の MAP-E サービスは知られていません',
        hint: 'WAN 側のプレフィックスか確認してください。固有の IPv4 アドレスがある回線に MAP-E は不要です。ほかのサービスなら --rule が必要です',
      };
  }
}

/** What a member of a rule has to be. */
const RULE_MEMBERS: Readonly<Record<string, string>> = {
  ipv6: 'IPv6 プレフィックスの文字列',
  ipv4: 'IPv4 プレフィックスの文字列',
  ea: '整数',
  psidOffset: '整数',
  psidLength: '整数',
  psid: '整数',
  br: 'BR の IPv6 アドレス',
  interfaceId: 'draft-03 または rfc7597',
  sources: '文字列のリスト',
  rules: '1 つ以上のルールのリスト',
};

const RULE_WHOLES: Readonly<Record<string, string>> = {
  'a rule': 'ルール',
  'a rule file': 'ルールのファイル',
};

function invalidRule(d: Details): Sentence {
  if (d.family !== undefined)
    return {
      message: `${quoted(d.value, '指定された値')}は、ルールの ${shown(d.family, 'IP')} プレフィックスではありません`,
      hint: `${shown(d.example, '240b:10::/31')} のように、長さを付け、その後ろのビットを 0 にして書いてください`,
    };
  const whole = choose(RULE_WHOLES, d.key);
  if (whole !== undefined)
    return {
      message: `${whole}の形が正しくありません${when(d.value, (value) => `（${value}）`)}`,
      hint: RULE_EXAMPLE,
    };
  if (d.key !== undefined)
    return {
      message: `ルールの${quoted(d.key, '項目')}には${choose(RULE_MEMBERS, d.key) ?? `正しい値（${shown(d.wanted, '値')}）`}が必要ですが、${d.value === 'nothing' ? '値がありません' : `「${shown(d.value, '別の値')}」が指定されています`}`,
      hint: RULE_EXAMPLE,
    };
  if (d.path !== undefined)
    return {
      message: `${quotedWhole(d.path, '指定されたファイル')}をルールのファイルとして読めません${when(d.reason, (reason) => `（${reason}）`)}`,
      hint: `YAML または JSON のファイルを指定してください。${RULE_EXAMPLE}`,
    };
  return {
    message: `${when(d.where, (where) => `「${where}」の`)}ルールの数値が互いに合いません${when(d.problem, (problem) => `（${problem}）`)}`,
    hint: 'ルールの出典と数値を比べてください',
  };
}
