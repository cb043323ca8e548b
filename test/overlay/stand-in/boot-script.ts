/**
 * What OpenWrt's boot script does with the first-boot script, for `ash`: run it, drop it where it ended with 0, commit
 * whatever is staged. Up to 24.10 it is dropped before the commit, from 25.12 after it, with everything on flash.
 *
 * The exit code is that of the first-boot script. `between` is run between any two steps.
 *
 * @see openwrt package/base-files/files/etc/init.d/boot (uci_apply_defaults)
 */
export function bootScript(release: string, between = ':'): string {
  const steps =
    release === 'v25.12.5' || release === 'main'
      ? ['uci -q commit', 'sync', '[ "$code" -ne 0 ] || rm -f 99-mape']
      : ['[ "$code" -ne 0 ] || rm -f 99-mape', 'uci -q commit'];
  return `cd "$IPKG_INSTROOT/etc/uci-defaults"; ( . ./99-mape ); code=$?
${steps.map((step) => `${between}\n${step}`).join('\n')}
${between}
exit "$code"`;
}
