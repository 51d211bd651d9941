# Programs that tests/system runs as clients of a registry.

check_PROGRAMS += %D%/asking
tests_client_asking_LDADD = $(locate_link)

client_run = tests/client/run.c tests/client/run.h

# Linked with the shared library, as programs elsewhere are.
caller_sources = %D%/caller.c %D%/caller.h
caller_sources += %D%/connecting.c
caller_sources += %D%/print.c
caller_sources += %D%/registrations.c
caller_sources += %D%/seeking.c

if !FUZZ
check_PROGRAMS += %D%/caller
%C%_caller_SOURCES = $(caller_sources)
%C%_caller_LDADD = libweft.la
%C%_caller_LDFLAGS = $(AM_LDFLAGS) -no-install
endif

check_PROGRAMS += %D%/ordering
tests_client_ordering_SOURCES = %D%/ordering.c $(client_run)
tests_client_ordering_LDADD = libassign.a $(depend_link) $(assign_link)

check_PROGRAMS += %D%/registering
tests_client_registering_LDADD = $(registrant_link)

check_PROGRAMS += %D%/watcher
tests_client_watcher_SOURCES = %D%/watcher.c $(client_run)
tests_client_watcher_LDADD = $(follow_link)
