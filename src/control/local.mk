# The files of src/control: one line for each pair.
noinst_LIBRARIES += libcontrol.a
libcontrol_a_SOURCES =
libcontrol_a_SOURCES += %D%/agent_commands.c %D%/agent_commands.h
libcontrol_a_SOURCES += %D%/client.c %D%/client.h
libcontrol_a_SOURCES += %D%/command.c %D%/command.h
libcontrol_a_SOURCES += %D%/commands.c %D%/commands.h
libcontrol_a_SOURCES += %D%/log.c %D%/log.h
libcontrol_a_SOURCES += %D%/server.c %D%/server.h
