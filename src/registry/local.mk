# The files of src/registry: one line for each pair.
noinst_LIBRARIES += libregistry.a
libregistry_a_SOURCES =
