# The files of src/dns: one line for each pair.
noinst_LIBRARIES += libdns.a
libdns_a_SOURCES =
