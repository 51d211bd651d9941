# The files of src/fleet: one line for each pair.
noinst_LIBRARIES += libfleet.a
libfleet_a_SOURCES =
libfleet_a_SOURCES += %D%/agent.c %D%/agent.h
libfleet_a_SOURCES += %D%/check.c %D%/check.h
libfleet_a_SOURCES += %D%/control.c %D%/control.h
libfleet_a_SOURCES += %D%/cycle.c %D%/cycle.h
libfleet_a_SOURCES += %D%/differ.c %D%/differ.h
libfleet_a_SOURCES += %D%/event.c %D%/event.h
libfleet_a_SOURCES += %D%/graph.c %D%/graph.h
libfleet_a_SOURCES += %D%/graph_show.c %D%/graph_show.h
libfleet_a_SOURCES += %D%/history.c %D%/history.h
libfleet_a_SOURCES += %D%/join.c %D%/join.h
libfleet_a_SOURCES += %D%/list.c %D%/list.h
libfleet_a_SOURCES += %D%/name.c %D%/name.h
libfleet_a_SOURCES += %D%/zone.c %D%/zone.h
