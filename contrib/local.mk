# What people plug in elsewhere. Units go where systemd looks below the prefix.

systemdsystemunitdir = $(prefix)/lib/systemd/system
sysusersdir = $(prefix)/lib/sysusers.d
tmpfilesdir = $(prefix)/lib/tmpfiles.d
registerexampledir = $(docdir)/examples/register
bashcompletiondir = $(datadir)/bash-completion/completions
zshcompletiondir = $(datadir)/zsh/site-functions
fishcompletiondir = $(datadir)/fish/vendor_completions.d
recipesdir = $(examplesdir)/recipes
prometheusdir = $(examplesdir)/prometheus

# Beside the headers of libweft: each is for one kind of loop.
libweftadapterdir = $(includedir)/weft
dist_libweftadapter_HEADERS = \
	%D%/libweft/weft-ev.h \
	%D%/libweft/weft-glib.h \
	%D%/libweft/weft-poll.h

nodist_systemdsystemunit_DATA = %D%/systemd/weftd.service %D%/systemd/weft-agentd.service \
	%D%/systemd/weft-register@.service
dist_pkglibexec_SCRIPTS = %D%/register/weft-register
dist_registerexample_DATA = %D%/register/nginx.conf
nodist_sysusers_DATA = %D%/systemd/sysusers.d/weft.conf
nodist_tmpfiles_DATA = %D%/systemd/tmpfiles.d/weft.conf
dist_bashcompletion_DATA = %D%/completion/weft
dist_zshcompletion_DATA = %D%/completion/_weft
dist_fishcompletion_DATA = %D%/completion/weft.fish
dist_prometheus_DATA = \
	%D%/prometheus/prometheus.yml \
	%D%/prometheus/weftd-dashboard.json \
	%D%/prometheus/weftd-rules-test.yml \
	%D%/prometheus/weftd-rules.yml
dist_recipes_DATA = \
	%D%/recipes/external-dns.yaml \
	%D%/recipes/haproxy.cfg \
	%D%/recipes/nginx.conf \
	%D%/recipes/prometheus.yml

contrib_made = $(nodist_systemdsystemunit_DATA) $(nodist_sysusers_DATA) $(nodist_tmpfiles_DATA)
CLEANFILES += $(contrib_made)
EXTRA_DIST += \
	%D%/Containerfile \
	%D%/check \
	%D%/foreign-root \
	%D%/install-deps \
	%D%/logrotate/weft \
	%D%/quickstart \
	%D%/systemd/weft-agentd.service.in \
	%D%/systemd/weft-register@.service.in \
	%D%/systemd/weftd.service.in \
	%D%/systemd/sysusers.d/weft.conf.in \
	%D%/systemd/tmpfiles.d/weft.conf.in

$(contrib_made): Makefile
	$(AM_V_GEN)$(MKDIR_P) $(@D) && $(SED) \
		-e 's|@sbindir[@]|$(sbindir)|g' \
		-e 's|@bindir[@]|$(bindir)|g' \
		-e 's|@pkglibexecdir[@]|$(pkglibexecdir)|g' \
		-e 's|@sysconfdir[@]|$(sysconfdir)|g' \
		-e 's|@localstatedir[@]|$(localstatedir)|g' \
		-e 's|@runstatedir[@]|$(runstatedir)|g' \
		$(srcdir)/$@.in > $@.new && mv $@.new $@
%D%/systemd/weft-agentd.service: %D%/systemd/weft-agentd.service.in
%D%/systemd/weft-register@.service: %D%/systemd/weft-register@.service.in
%D%/systemd/weftd.service: %D%/systemd/weftd.service.in
%D%/systemd/sysusers.d/weft.conf: %D%/systemd/sysusers.d/weft.conf.in
%D%/systemd/tmpfiles.d/weft.conf: %D%/systemd/tmpfiles.d/weft.conf.in

# Debian's packages, for dpkg-buildpackage.
EXTRA_DIST += \
	debian/changelog \
	debian/clean \
	debian/control \
	debian/copyright \
	debian/libweft-dev.install \
	debian/libweft0.install \
	debian/not-installed \
	debian/rules \
	debian/source/format \
	debian/weft-agent.README.Debian \
	debian/weft-agent.install \
	debian/weft-agent.postinst \
	debian/weft-agent.postrm \
	debian/weft-agent.prerm \
	debian/weft-agentd.conf \
	debian/weft-client.install \
	debian/weft-client.lintian-overrides \
	debian/weft.README.Debian \
	debian/weft.install \
	debian/weft.postrm \
	debian/weft.prerm \
	debian/weftd.conf
