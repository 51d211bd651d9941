# The manual pages, in mdoc.
dist_man_MANS += %D%/weft.1
dist_man_MANS += %D%/weft-apply.1
dist_man_MANS += %D%/weft-doctor.1
dist_man_MANS += %D%/weft-fleet.1
dist_man_MANS += %D%/weft-service.1
dist_man_MANS += %D%/weft-setup-resolver.1
dist_man_MANS += %D%/weft-watch.1
dist_man_MANS += %D%/libweft.3
dist_man_MANS += %D%/weft_connect.3
dist_man_MANS += %D%/weft_find.3
dist_man_MANS += %D%/weft_register.3
dist_man_MANS += %D%/weft_watch.3
dist_man_MANS += %D%/weft-agentd.conf.5
dist_man_MANS += %D%/weftd.conf.5
dist_man_MANS += %D%/client.conf.5
dist_man_MANS += %D%/weft-spec.5
dist_man_MANS += %D%/weft.7
dist_man_MANS += %D%/weft-fabric.7
dist_man_MANS += %D%/weft-leases.7
dist_man_MANS += %D%/weft-services.7
dist_man_MANS += %D%/weft-operate.7
dist_man_MANS += %D%/weft-agentd.8
dist_man_MANS += %D%/weft-register.8
dist_man_MANS += %D%/weftd.8
# Each function of libweft has a page, which is a link to that of its family: NAME there lists them.
libweft_pages = libweft weft_connect weft_find weft_register weft_watch
list_functions = $(SED) -n '/^\.Sh NAME/,/^\.Nd/s/^\.Nm \(weft_[a-z_]*\).*/\1/p'

install-data-hook:
	@for page in $(libweft_pages); do \
		for name in `$(list_functions) $(srcdir)/man/$$page.3`; do \
			test $$name = $$page || \
				echo ".so man3/$$page.3" > "$(DESTDIR)$(mandir)/man3/$$name.3" || exit 1; \
		done; \
	done

uninstall-hook:
	@for page in $(libweft_pages); do \
		for name in `$(list_functions) $(srcdir)/man/$$page.3`; do \
			rm -f "$(DESTDIR)$(mandir)/man3/$$name.3"; \
		done; \
	done
