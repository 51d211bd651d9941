# The files of src/ledger: one line for each pair.
noinst_LIBRARIES += libledger.a
libledger_a_SOURCES =
libledger_a_SOURCES += %D%/clock.c %D%/clock.h
libledger_a_SOURCES += %D%/lease.c %D%/lease.h %D%/lease_priv.h
libledger_a_SOURCES += %D%/lease_grant.c
libledger_a_SOURCES += %D%/lease_item.c
libledger_a_SOURCES += %D%/ledger.c %D%/ledger.h
libledger_a_SOURCES += %D%/owner.c %D%/owner.h
libledger_a_SOURCES += %D%/refresh.c %D%/refresh.h
