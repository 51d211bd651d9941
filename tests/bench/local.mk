# Benches: no part of `make check`. Each is a folder with a script `run`, which tells with --help what
# it measures; `make bench-NAME` builds what it needs and runs it.

EXTRA_PROGRAMS += %D%/lease/blast
%C%_lease_blast_SOURCES = %D%/lease/blast.c
%C%_lease_blast_SOURCES += %D%/lease/load.c %D%/lease/load.h
%C%_lease_blast_SOURCES += %D%/lease/message.c %D%/lease/message.h
%C%_lease_blast_SOURCES += %D%/lease/rate.c
%C%_lease_blast_SOURCES += %D%/lease/steady.c
%C%_lease_blast_LDADD = $(dns_link)
CLEANFILES += $(EXTRA_PROGRAMS)
EXTRA_DIST += %D%/lease/run

bench-lease: weftd weft %D%/lease/blast
	$(srcdir)/%D%/lease/run --build $(builddir) $(ARGS)
	$(srcdir)/%D%/lease/run --build $(builddir) --rate --leases 10000

.PHONY: bench-lease
