# Benches: not part of `make check`. Each is a folder with a script `run`, whose --help describes what
# it measures; `make bench-NAME` builds what it needs and runs it.

bench_sources = %D%/load.c %D%/load.h
bench_sources += %D%/message.c %D%/message.h

EXTRA_PROGRAMS += %D%/lease/blast
%C%_lease_blast_SOURCES = $(bench_sources)
%C%_lease_blast_SOURCES += %D%/lease/blast.c
%C%_lease_blast_SOURCES += %D%/lease/lease.h
%C%_lease_blast_SOURCES += %D%/lease/rate.c
%C%_lease_blast_SOURCES += %D%/lease/registration.c
%C%_lease_blast_SOURCES += %D%/lease/steady.c
%C%_lease_blast_LDADD = $(dns_link)

EXTRA_PROGRAMS += %D%/churn/churn
%C%_churn_churn_SOURCES = $(bench_sources)
%C%_churn_churn_SOURCES += %D%/churn/ask.c
%C%_churn_churn_SOURCES += %D%/churn/churn.c
%C%_churn_churn_SOURCES += %D%/churn/churn.h
%C%_churn_churn_SOURCES += %D%/churn/histogram.c %D%/churn/histogram.h
%C%_churn_churn_SOURCES += %D%/churn/life.c
%C%_churn_churn_SOURCES += %D%/churn/service.c
%C%_churn_churn_SOURCES += %D%/churn/size.c
%C%_churn_churn_LDADD = $(dns_link)

EXTRA_PROGRAMS += %D%/push/push
%C%_push_push_SOURCES = $(bench_sources)
%C%_push_push_SOURCES += %D%/churn/histogram.c %D%/churn/histogram.h
%C%_push_push_SOURCES += %D%/push/handshake.c
%C%_push_push_SOURCES += %D%/push/harm.c
%C%_push_push_SOURCES += %D%/push/push.c %D%/push/push.h
%C%_push_push_SOURCES += %D%/push/sessions.c %D%/push/sessions.h
%C%_push_push_SOURCES += %D%/push/stream.c %D%/push/stream.h
%C%_push_push_SOURCES += %D%/push/updates.c %D%/push/updates.h
%C%_push_push_SOURCES += %D%/push/watch.c
%C%_push_push_LDADD = $(fabric_link)

EXTRA_PROGRAMS += %D%/agent/again
%C%_agent_again_SOURCES = %D%/agent/again.c

# The clients that libweft is compared with need c-ares (libc-ares-dev), too.
EXTRA_PROGRAMS += %D%/failover/client
%C%_failover_client_SOURCES = %D%/failover/client.c %D%/failover/way.h
%C%_failover_client_SOURCES += %D%/failover/way_cares.c
%C%_failover_client_SOURCES += %D%/failover/way_system.c
%C%_failover_client_SOURCES += %D%/failover/way_weft.c
%C%_failover_client_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/include
%C%_failover_client_LDADD = $(api_link) -lcares

EXTRA_PROGRAMS += %D%/failover/crowd
%C%_failover_crowd_SOURCES = %D%/failover/crowd.c
%C%_failover_crowd_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/include
%C%_failover_crowd_LDADD = $(api_link)

EXTRA_PROGRAMS += %D%/failover/serve
%C%_failover_serve_SOURCES = %D%/failover/serve.c

CLEANFILES += $(EXTRA_PROGRAMS)
EXTRA_DIST += %D%/agent/README.md %D%/agent/peers.py %D%/agent/run
EXTRA_DIST += %D%/churn/run
EXTRA_DIST += %D%/failover/README.md %D%/failover/run
EXTRA_DIST += %D%/idle/run
EXTRA_DIST += %D%/lan/README.md %D%/lan/run
EXTRA_DIST += %D%/lease/run
EXTRA_DIST += %D%/push/abuse
EXTRA_DIST += %D%/push/run
EXTRA_DIST += %D%/pushload.py
EXTRA_DIST += %D%/weftd.py

bench-lease: weftd weft %D%/lease/blast
	$(srcdir)/%D%/lease/run --build $(builddir) $(ARGS)
	$(srcdir)/%D%/lease/run --build $(builddir) --rate --leases 10000

bench-agent: weftd weft-agentd weft %D%/agent/again %D%/failover/serve
	$(srcdir)/%D%/agent/run --build $(builddir) $(ARGS)

bench-churn: weftd weft %D%/churn/churn
	$(srcdir)/%D%/churn/run --build $(builddir) $(ARGS)

bench-failover: weftd %D%/failover/client %D%/failover/crowd %D%/failover/serve
	$(srcdir)/%D%/failover/run --build $(builddir) $(ARGS)

bench-idle: weftd weft
	$(srcdir)/%D%/idle/run --build $(builddir) $(ARGS)

bench-lan: weftd weft
	$(srcdir)/%D%/lan/run --build $(builddir) $(ARGS)

bench-push: weftd weft %D%/push/push
	$(srcdir)/%D%/push/run --build $(builddir) $(ARGS)
	$(srcdir)/%D%/push/abuse --build $(builddir)

.PHONY: bench-agent bench-churn bench-failover bench-idle bench-lan bench-lease bench-push
