# The files of src/update: one line for each pair.
noinst_LIBRARIES += libupdate.a
libupdate_a_SOURCES =
libupdate_a_SOURCES += %D%/apply.c %D%/apply.h
libupdate_a_SOURCES += %D%/bound.h
libupdate_a_SOURCES += %D%/check.c %D%/check.h
libupdate_a_SOURCES += %D%/expire.c
libupdate_a_SOURCES += %D%/fabric_policy.c %D%/fabric_policy.h
libupdate_a_SOURCES += %D%/fail.c %D%/fail.h
libupdate_a_SOURCES += %D%/finish.c %D%/finish.h
libupdate_a_SOURCES += %D%/permit.c %D%/permit.h
libupdate_a_SOURCES += %D%/policy.c %D%/policy.h
libupdate_a_SOURCES += %D%/quota.c %D%/quota.h
libupdate_a_SOURCES += %D%/report.c %D%/report.h
libupdate_a_SOURCES += %D%/size.c %D%/size.h
libupdate_a_SOURCES += %D%/sort.c %D%/sort.h
libupdate_a_SOURCES += %D%/types.c %D%/types.h
libupdate_a_SOURCES += %D%/update.c %D%/update.h %D%/update_priv.h
