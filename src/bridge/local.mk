# The files of src/bridge: one line for each pair.
noinst_LIBRARIES += libbridge.a
libbridge_a_SOURCES =
libbridge_a_SOURCES += %D%/address.h
libbridge_a_SOURCES += %D%/addresses.c %D%/addresses.h
libbridge_a_SOURCES += %D%/adverts.h
libbridge_a_SOURCES += %D%/announce.h
libbridge_a_SOURCES += %D%/bridge.h
libbridge_a_SOURCES += %D%/changes.c %D%/changes.h
libbridge_a_SOURCES += %D%/discover.h
libbridge_a_SOURCES += %D%/marker.c %D%/marker.h
libbridge_a_SOURCES += %D%/names.c %D%/names.h
libbridge_a_SOURCES += %D%/rows.c %D%/rows.h
libbridge_a_SOURCES += %D%/rules.c %D%/rules.h
libbridge_a_SOURCES += %D%/seen.c %D%/seen.h
libbridge_a_SOURCES += %D%/table.c %D%/table.h
libbridge_a_SOURCES += %D%/writer.h
