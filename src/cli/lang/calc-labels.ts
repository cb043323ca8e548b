import type { Confidence, InterfaceIdForm } from '../../mape/parameters.ts';
import type { Lang } from './lang.ts';

export interface CalcLabels {
  readonly options: string;
  readonly ipv4: string;
  readonly shared: (ports: number, ranges: number) => string;
  readonly whole: string;
  readonly psid: string;
  readonly endUserPrefix: string;
  readonly ce: string;
  readonly form: Record<InterfaceIdForm, string>;
  readonly rule: string;
  readonly confidence: Record<Confidence, string>;
  readonly sources: string;
  readonly ranges: string;
  readonly picture: (portsPerCell: number) => string;
  readonly warning: string;
  readonly ownRule: string;
}

export const CALC_LABELS: Record<Lang, CalcLabels> = {
  en: {
    options: 'OpenWrt options of the interface',
    ipv4: 'IPv4 address',
    shared: (ports, ranges) => `shared: ${ports} ports in ${ranges} ranges are yours`,
    whole: 'not shared: every port is yours',
    psid: 'PSID',
    endUserPrefix: 'End-user prefix',
    ce: 'CE address',
    form: { 'draft-03': 'draft-03 (legacymap 1)', rfc7597: 'RFC 7597 (legacymap 0)' },
    rule: 'Rule',
    confidence: {
      confirmed: 'confirmed on real lines',
      agreed: 'independent sources agree',
      'single-source': 'one source only',
      predicted: 'predicted, not verified',
      user: 'your own',
    },
    sources: 'Sources',
    ranges: 'Port ranges',
    picture: (ports) => `Port space (a cell is ${ports} ports; marked: some are yours)`,
    warning: 'warning',
    ownRule: 'rule of your own',
  },
  ja: {
    options: 'OpenWrt のインターフェース設定',
    ipv4: 'IPv4 アドレス',
    shared: (ports, ranges) => `共有: 使えるポートは ${ranges} 区間 ${ports} 個`,
    whole: '専有: すべてのポートが使えます',
    psid: 'PSID',
    endUserPrefix: 'エンドユーザープレフィックス',
    ce: 'CE アドレス',
    form: { 'draft-03': 'draft-03 形式 (legacymap 1)', rfc7597: 'RFC 7597 形式 (legacymap 0)' },
    rule: 'ルール',
    confidence: {
      confirmed: '実回線で確認済み',
      agreed: '独立した複数の出典が一致',
      'single-source': '出典は一つのみ',
      predicted: '推定、未検証',
      user: '利用者指定',
    },
    sources: '出典',
    ranges: 'ポート範囲',
    picture: (ports) => `ポート空間 (1 マス ${ports} ポート、印のマスに使えるポートあり)`,
    warning: '警告',
    ownRule: '利用者のルール',
  },
};
