# The files of src/daemon: one line for each pair.
noinst_LIBRARIES += libdaemon.a
libdaemon_a_SOURCES =
libdaemon_a_SOURCES += %D%/affected.c %D%/affected.h
libdaemon_a_SOURCES += %D%/ask.c %D%/ask.h
libdaemon_a_SOURCES += %D%/bridge.c %D%/bridge.h
libdaemon_a_SOURCES += %D%/changes.c %D%/changes.h
libdaemon_a_SOURCES += %D%/daemon.h
libdaemon_a_SOURCES += %D%/health.c %D%/health.h
libdaemon_a_SOURCES += %D%/jobs.c %D%/jobs.h
libdaemon_a_SOURCES += %D%/problems.c %D%/problems.h
libdaemon_a_SOURCES += %D%/reload.c %D%/reload.h
libdaemon_a_SOURCES += %D%/report.c %D%/report.h
libdaemon_a_SOURCES += %D%/retire.c %D%/retire.h
libdaemon_a_SOURCES += %D%/rules.c %D%/rules.h
libdaemon_a_SOURCES += %D%/tls.c %D%/tls.h
libdaemon_a_SOURCES += %D%/zones.c %D%/zones.h
