# The files of src/base: one line for each pair.
noinst_LIBRARIES += libbase.a
libbase_a_SOURCES =
