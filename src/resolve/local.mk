# The files of src/resolve: one line for each pair.
noinst_LIBRARIES += libresolve.a
libresolve_a_SOURCES =
libresolve_a_SOURCES += %D%/conf.c %D%/conf.h
libresolve_a_SOURCES += %D%/discover.c %D%/discover.h
libresolve_a_SOURCES += %D%/events.c %D%/events.h
libresolve_a_SOURCES += %D%/host.c %D%/host.h
libresolve_a_SOURCES += %D%/lookup.c %D%/lookup.h
libresolve_a_SOURCES += %D%/message.c %D%/message.h
libresolve_a_SOURCES += %D%/order.c %D%/order.h
libresolve_a_SOURCES += %D%/srv.c %D%/srv.h
libresolve_a_SOURCES += %D%/stream.c %D%/stream.h
libresolve_a_SOURCES += %D%/timer.c %D%/timer.h
