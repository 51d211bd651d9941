# The files of src/dns: one line for each pair.
noinst_LIBRARIES += libdns.a
libdns_a_SOURCES =
libdns_a_SOURCES += %D%/content.c %D%/content.h
libdns_a_SOURCES += %D%/cookie.c %D%/cookie.h
libdns_a_SOURCES += %D%/dso.c %D%/dso.h
libdns_a_SOURCES += %D%/edns.c %D%/edns.h
libdns_a_SOURCES += %D%/hmac.c %D%/hmac.h
libdns_a_SOURCES += %D%/msg.c %D%/msg.h
libdns_a_SOURCES += %D%/name.c %D%/name.h
libdns_a_SOURCES += %D%/record.h
libdns_a_SOURCES += %D%/rdata.c %D%/rdata.h
libdns_a_SOURCES += %D%/regexp.c %D%/regexp.h
libdns_a_SOURCES += %D%/response.c %D%/response.h
libdns_a_SOURCES += %D%/svcb.c %D%/svcb.h
libdns_a_SOURCES += %D%/tsig.c %D%/tsig.h
libdns_a_SOURCES += %D%/type.c %D%/type.h
libdns_a_SOURCES += %D%/update.c %D%/update.h
