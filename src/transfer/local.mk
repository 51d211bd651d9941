# The files of src/transfer: one line for each pair.
noinst_LIBRARIES += libtransfer.a
libtransfer_a_SOURCES =
libtransfer_a_SOURCES += %D%/out.c %D%/out.h
