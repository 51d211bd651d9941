# The files of src/mdns: one line for each pair. Without Avahi's library there is no bridge.
noinst_LIBRARIES += libmdns.a
libmdns_a_SOURCES =
libmdns_a_SOURCES += %D%/rows.c %D%/rows.h
libmdns_a_SOURCES += %D%/rules.h
libmdns_a_SOURCES += %D%/stats.h
if HAVE_AVAHI
libmdns_a_SOURCES += %D%/address.h
libmdns_a_SOURCES += %D%/addresses.c %D%/addresses.h
libmdns_a_SOURCES += %D%/changes.c %D%/changes.h
libmdns_a_SOURCES += %D%/marker.c %D%/marker.h
libmdns_a_SOURCES += %D%/rules.c
libmdns_a_SOURCES += %D%/same.c %D%/same.h
libmdns_a_SOURCES += %D%/seen.c %D%/seen.h
libmdns_a_SOURCES += %D%/table.c %D%/table.h
endif
