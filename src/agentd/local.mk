# The files of src/agentd: one line for each pair. The library is what the unit tests link.
noinst_LIBRARIES += libagentd.a
libagentd_a_SOURCES =
libagentd_a_SOURCES += %D%/check.c %D%/check.h
libagentd_a_SOURCES += %D%/identity.c %D%/identity.h
libagentd_a_SOURCES += %D%/loop.c %D%/loop.h
libagentd_a_SOURCES += %D%/output.c %D%/output.h
libagentd_a_SOURCES += %D%/program.h
libagentd_a_SOURCES += %D%/reload.c %D%/reload.h
libagentd_a_SOURCES += %D%/report.c %D%/report.h
libagentd_a_SOURCES += %D%/service.c %D%/service.h
libagentd_a_SOURCES += %D%/settings.c %D%/settings.h
libagentd_a_SOURCES += %D%/start.c %D%/start.h
libagentd_a_SOURCES += %D%/table.c %D%/table.h
libagentd_a_SOURCES += %D%/trial.c %D%/trial.h
libagentd_a_SOURCES += %D%/view.c %D%/view.h
libagentd_a_SOURCES += %D%/wait.c %D%/wait.h

sbin_PROGRAMS += weft-agentd
weft_agentd_SOURCES = %D%/main.c
weft_agentd_LDADD = $(agentd_link)
