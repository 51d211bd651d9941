# The files of src/reach: one line for each pair.
noinst_LIBRARIES += libreach.a
libreach_a_SOURCES =
libreach_a_SOURCES += %D%/attempt.c %D%/attempt.h
libreach_a_SOURCES += %D%/candidate.c %D%/candidate.h
libreach_a_SOURCES += %D%/chase.c %D%/chase.h
libreach_a_SOURCES += %D%/connect.c %D%/connect.h
libreach_a_SOURCES += %D%/connector.c %D%/connector.h %D%/connector_priv.h
libreach_a_SOURCES += %D%/connector_attempt.c
libreach_a_SOURCES += %D%/memory.c %D%/memory.h
libreach_a_SOURCES += %D%/pace.c %D%/pace.h
libreach_a_SOURCES += %D%/reach.c %D%/reach.h
libreach_a_SOURCES += %D%/why.c %D%/why.h
