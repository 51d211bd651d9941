# Comparisons with other servers that are too long for `make check`, or need servers that are not
# everywhere: run by hand.

EXTRA_PROGRAMS += %D%/rdata
%C%_rdata_LDADD = $(text_link)

EXTRA_DIST += %D%/compare-rdata %D%/rdata_seeds.py

differ-rdata: %D%/rdata$(EXEEXT)
	/usr/bin/python3 -B $(srcdir)/%D%/compare-rdata --probe $(builddir)/%D%/rdata $(ARGS)

.PHONY: differ-rdata
