# The files of src/address: one line for each pair.
noinst_LIBRARIES += libaddress.a
libaddress_a_SOURCES =
libaddress_a_SOURCES += %D%/address.c %D%/address.h
libaddress_a_SOURCES += %D%/seen.c %D%/seen.h
libaddress_a_SOURCES += %D%/whoami.c %D%/whoami.h
