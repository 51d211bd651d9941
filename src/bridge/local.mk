# The files of src/bridge: one line for each pair. Without Avahi's library there is no bridge: what
# others link is bridge_none.c.
noinst_LIBRARIES += libbridge.a
libbridge_a_SOURCES =
libbridge_a_SOURCES += %D%/bridge.h
if HAVE_AVAHI
libbridge_a_SOURCES += %D%/active.c %D%/active.h
libbridge_a_SOURCES += %D%/announce.c %D%/announce.h
libbridge_a_SOURCES += %D%/bridge.c
else
libbridge_a_SOURCES += %D%/bridge_none.c
endif
