# The files of src/child: one line for each pair.
noinst_LIBRARIES += libchild.a
libchild_a_SOURCES =
libchild_a_SOURCES += %D%/command.c %D%/command.h
libchild_a_SOURCES += %D%/exit.c %D%/exit.h
libchild_a_SOURCES += %D%/group.c %D%/group.h
libchild_a_SOURCES += %D%/identity.c %D%/identity.h
libchild_a_SOURCES += %D%/launch.c %D%/launch.h
libchild_a_SOURCES += %D%/process.c %D%/process.h
libchild_a_SOURCES += %D%/reaper.c %D%/reaper.h
libchild_a_SOURCES += %D%/stray.c %D%/stray.h
libchild_a_SOURCES += %D%/task.c %D%/task.h
