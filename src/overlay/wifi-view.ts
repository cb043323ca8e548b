import type { ResolvedConfig, WifiNetwork } from '../config/config.ts';

/** Wi-Fi as the first boot reads it: radios are known there only. */
export interface WifiView {
  readonly country: string;
  readonly networks: readonly {
    readonly index: number;
    readonly bands: readonly string[];
    readonly options: readonly { readonly name: string; readonly value: string }[];
  }[];
}

/** Networks with the bands and UCI options of each; nothing where none is wanted. */
export function computeWifiView(wifi: ResolvedConfig['wifi']): WifiView | undefined {
  if (wifi === undefined || wifi.networks.length === 0) return undefined;
  return {
    country: wifi.country,
    networks: wifi.networks.map((network, index) => ({
      index,
      bands: computeBands(network),
      options: computeOptions(network),
    })),
  };
}

function computeBands({ band, encryption }: WifiNetwork<string>): readonly string[] {
  if (band !== 'all') return [band];
  // 6 GHz knows neither WPA2 nor networks in the clear
  return encryption === 'sae' || encryption === 'owe' ? ['2g', '5g', '6g'] : ['2g', '5g'];
}

function computeOptions(network: WifiNetwork<string>): WifiView['networks'][number]['options'] {
  return [
    { name: 'network', value: 'lan' },
    { name: 'mode', value: 'ap' },
    { name: 'ssid', value: network.ssid },
    { name: 'encryption', value: network.encryption },
    ...(network.key === undefined ? [] : [{ name: 'key', value: network.key }]),
    { name: 'hidden', value: network.hidden ? '1' : '0' },
    { name: 'disabled', value: '0' },
  ];
}
