import { choose, type Say, shown, type Value } from './text.ts';

interface OtherLine {
  readonly name: string;
  readonly what: string;
  readonly advice: string;
}

/** Names of the MAP-E services as their operators write them in Japanese, by id. */
const SERVICE_NAMES: Readonly<Record<string, string>> = {
  v6plus: 'v6 プラス',
  ocn: 'OCN バーチャルコネクト',
  biglobe: 'BIGLOBE IPv6 オプション',
  nuro: 'NURO 光',
};

const ACTIVATE_IPOE =
  'プロバイダーに IPoE（v6 プラス、OCN バーチャルコネクトなど）の開通を依頼してください。開通するとプレフィックスが変わるので、イメージは新しいプレフィックスで作ってください';

/** Lines that are not MAP-E, by id. */
const OTHER_LINES: Readonly<Record<string, OtherLine>> = {
  transix: dsLite('transix', 'gw.transix.jp'),
  xpass: dsLite('クロスパス（Xpass）', 'dgw.xpass.jp'),
  v6connect: dsLite('v6 コネクト', 'dslite.v6connect.net'),
  softbank: {
    name: 'SoftBank 光',
    what: 'パラメーターが公開されていない、ソフトバンク独自の IPv4 over IPv6 トンネル',
    advice:
      'IPv4 にはソフトバンクのゲートウェイを使い続けてください。同社のページに MAP-E とあっても、公開されたルールはありません',
  },
  'ntt-east-ngn': ngn('NTT 東日本の NGN'),
  'ntt-west-ngn': ngn('NTT 西日本の NGN'),
};

/** Where public sources of a rule contradict each other; the codes are those of the service files. */
export const disagreements = {
  OCN_RULE_NOT_EVERYWHERE: () => ({
    message:
      'このプレフィックスのルールは site-u2023 の表にだけあり、fc2 の計算ページとその派生にはありません',
    hint: '動作したという報告はあります。書き込む前に、https://v6test.ocn.ne.jp/ に表示される IPv4 アドレスと比べてください',
  }),
  BIGLOBE_BR_DISAGREES: () => ({
    message:
      'このプレフィックスの BR が出典により異なります。kazehana99k/openwrt-mape-arm64.JP では「2001:260:700:1::1:275」、ほかの 4 つの表では「2001:260:700:1::1:276」です',
    hint: '「2001:260:700:1::1:276」を使います。IPv4 で送信できても受信できないときは、--rule でもう一方を試してください',
  }),
  NURO_RULE_PREDICTED: () => ({
    message: 'このプレフィックスのルールは前後のルールからの推定で、動作したという報告がありません',
    hint: '書き込む前に、回線のゲートウェイに表示される IPv4 アドレスと比べてください',
  }),
  NURO_IPV4_DISAGREES: () => ({
    message:
      'site-u2023 の auto-config では、このプレフィックスに 219.104.138.0/20 または 219.104.141.0/20 が対応しますが、/20 の境界に合いません。ほかの 2 つの表は、ここで使う値です',
    hint: '境界に合うルールを使います',
  }),
  NURO_MTU_DISAGREES: () => ({
    message: 'NURO の MTU が出典により異なります。config-software では 1452、herrkartoffel では 1460 です',
    hint: 'encaplimit を無効にして 1460 を使います。1452 は encaplimit が有効なときの値です',
  }),
} satisfies Record<string, Say>;

/** The Japanese name of a service, whatever its kind; `otherwise` where it is not known here. */
export function serviceName(id: Value, otherwise: string): string {
  return choose(SERVICE_NAMES, id) ?? choose(OTHER_LINES, id)?.name ?? shown(id, otherwise);
}

/** What a line is that is not MAP-E, and what to do about it. */
export function otherLine(id: Value): OtherLine {
  return (
    choose(OTHER_LINES, id) ?? {
      name: shown(id, '別のサービス'),
      what: '別の方式の回線',
      advice: 'その方式に対応した設定を使ってください。このイメージでは IPv4 は使えません',
    }
  );
}

function dsLite(name: string, gateway: string): OtherLine {
  return {
    name,
    what: 'DS-Lite の回線',
    advice: `map の代わりに、OpenWrt のパッケージ ds-lite とゲートウェイ ${gateway} を使ってください`,
  };
}

function ngn(name: string): OtherLine {
  return { name, what: 'インターネットに出られない閉域網', advice: ACTIVATE_IPOE };
}
