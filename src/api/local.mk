# The files of src/api: one line for each pair. They are built twice: in libapi.a, for the programs of
# this tree, and in libweft.so, which has all the rooms below in it.
api_sources =
api_sources += %D%/change.c
api_sources += %D%/connect.c %D%/connect.h
api_sources += %D%/connector.c
api_sources += %D%/context.c %D%/context.h
api_sources += %D%/description.c %D%/description.h
api_sources += %D%/error.c %D%/error.h
api_sources += %D%/find.c
api_sources += %D%/instance.c %D%/instance.h
api_sources += %D%/load.c %D%/load.h
api_sources += %D%/registration.c %D%/registration_priv.h
api_sources += %D%/registration_settings.c
api_sources += %D%/registry.c
api_sources += %D%/report.c %D%/report.h
api_sources += %D%/wait.c %D%/wait.h
api_sources += %D%/watch.c

noinst_LIBRARIES += libapi.a
libapi_a_SOURCES = $(api_sources)

lib_LTLIBRARIES += libweft.la
libweft_la_SOURCES = $(api_sources)
libweft_la_CFLAGS = $(AM_CFLAGS)
libweft_la_LDFLAGS = $(AM_LDFLAGS) $(WEFT_DEFS) -version-info $(WEFT_ABI) \
	-Wl,--version-script=$(srcdir)/%D%/weft.map
# By -Wl, since libtool warns of archives in a library: ours are position-independent. Then libraries
# must be, too, or they would precede the archives that need them.
libweft_rooms = libregistrant.a libreach.a libfollow.a libfind.a libclient.a liblocate.a libresolve.a libconf.a \
	libdnssd.a libfabric.a libdns.a libbase.a
libweft_libraries = $(AVAHI_LIBS) $(YAML_LIBS) $(SSL_LIBS) $(CRYPTO_LIBS) $(SODIUM_LIBS)
libweft_la_LIBADD = $(libweft_rooms:%=-Wl,%) $(libweft_libraries:%=-Wl,%)
libweft_la_DEPENDENCIES = $(libweft_rooms) %D%/weft.map
EXTRA_DIST += %D%/weft.map

pkginclude_HEADERS = \
	include/weft/connect.h \
	include/weft/context.h \
	include/weft/find.h \
	include/weft/register.h \
	include/weft/watch.h \
	include/weft/weft.h

pkgconfigdir = $(libdir)/pkgconfig
pkgconfig_DATA = weft.pc
