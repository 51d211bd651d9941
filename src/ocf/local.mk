# The files of src/ocf: one line for each pair.
noinst_LIBRARIES += libocf.a
libocf_a_SOURCES =
libocf_a_SOURCES += %D%/agent.c %D%/agent.h
libocf_a_SOURCES += %D%/metadata.c %D%/metadata.h
libocf_a_SOURCES += %D%/status.c %D%/status.h
