# The files of src/lan: one line for each pair. Without Avahi's library there is no LAN.
noinst_LIBRARIES += liblan.a
liblan_a_SOURCES =
liblan_a_SOURCES += %D%/browser.h
liblan_a_SOURCES += %D%/daemon.h
liblan_a_SOURCES += %D%/group.h
liblan_a_SOURCES += %D%/interfaces.h
liblan_a_SOURCES += %D%/name.h
