# The files of src/locate: one line for each pair.
noinst_LIBRARIES += liblocate.a
liblocate_a_SOURCES =
liblocate_a_SOURCES += %D%/ask.c %D%/ask.h
liblocate_a_SOURCES += %D%/config.c %D%/config.h
liblocate_a_SOURCES += %D%/connection.c %D%/connection.h
liblocate_a_SOURCES += %D%/exchange.c %D%/exchange.h %D%/exchange_priv.h
liblocate_a_SOURCES += %D%/exchange_attempt.c
liblocate_a_SOURCES += %D%/exchange_candidate.c
liblocate_a_SOURCES += %D%/finder.c %D%/finder.h
liblocate_a_SOURCES += %D%/hosts.c %D%/hosts.h
liblocate_a_SOURCES += %D%/keys.c %D%/keys.h
liblocate_a_SOURCES += %D%/known.c %D%/known.h
liblocate_a_SOURCES += %D%/list.c %D%/list.h
liblocate_a_SOURCES += %D%/locate.c %D%/locate.h %D%/locate_priv.h
liblocate_a_SOURCES += %D%/mdns.h
if HAVE_AVAHI
liblocate_a_SOURCES += %D%/mdns.c
else
liblocate_a_SOURCES += %D%/mdns_none.c
endif
liblocate_a_SOURCES += %D%/probe.c %D%/probe.h
liblocate_a_SOURCES += %D%/registry.h
liblocate_a_SOURCES += %D%/settings.h
