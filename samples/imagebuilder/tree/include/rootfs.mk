# From installed packages to the root that goes into the image: overlay, services, clean-up, one date.

# A symlink that stands where FILES has a file or a folder goes first, or cp would write through it.
define copy_files
	@bash $(TOPDIR)/scripts/copy-files.sh $(TARGET_DIR) $(ASKED_FILES)
endef

define enable_services
	@cd $(TARGET_DIR) && for script in ./etc/init.d/*; do \
		grep -qs '#!/bin/sh /etc/rc.common' $$script || continue; \
		name=$$(basename $$script); action=enable; word=Enabling; \
		case " $(DISABLED_SERVICES) " in *" $$name "*) action=disable; word=Disabling;; esac; \
		echo "$$word $$name"; \
		IPKG_INSTROOT=$(TARGET_DIR) $(HOST_BIN)/bash ./etc/rc.common $$script $$action || true; \
	done
endef

define clean_root
	@find $(TARGET_DIR) -mindepth 1 \( -name .git -o -name .svn -o -name CVS -o -name '.#*' \) -prune -exec rm -rf {} +
	@rm -rf $(TARGET_DIR)/boot $(TARGET_DIR)/tmp/* $(TARGET_DIR)/var/lock/*.lock
	@find $(TARGET_DIR)/* -print0 | xargs -0 touch --no-dereference --date=@$(SOURCE_DATE_EPOCH)
endef
