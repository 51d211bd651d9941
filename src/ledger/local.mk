# The files of src/ledger: one line for each pair.
noinst_LIBRARIES += libledger.a
libledger_a_SOURCES =
libledger_a_SOURCES += %D%/ahead.c %D%/ahead.h
libledger_a_SOURCES += %D%/assigned.c %D%/assigned.h
libledger_a_SOURCES += %D%/clock.c %D%/clock.h
libledger_a_SOURCES += %D%/content.c %D%/content.h
libledger_a_SOURCES += %D%/lease.c %D%/lease.h
libledger_a_SOURCES += %D%/schedule.c %D%/schedule.h
libledger_a_SOURCES += %D%/refresh.c %D%/refresh.h
libledger_a_SOURCES += %D%/group.c %D%/group.h
libledger_a_SOURCES += %D%/leases.c %D%/leases.h
libledger_a_SOURCES += %D%/release.c %D%/release.h
libledger_a_SOURCES += %D%/grant.c %D%/grant.h
libledger_a_SOURCES += %D%/item.c %D%/item.h
libledger_a_SOURCES += %D%/owner.c %D%/owner.h
libledger_a_SOURCES += %D%/usage.c %D%/usage.h
libledger_a_SOURCES += %D%/ledger.c %D%/ledger.h
