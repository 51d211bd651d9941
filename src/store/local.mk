# The files of src/store: one line for each pair.
noinst_LIBRARIES += libstore.a
libstore_a_SOURCES =
