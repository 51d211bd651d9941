# The files of src/cmd: one line for each pair; what the three main()s share is libcmd.a.
noinst_LIBRARIES += libcmd.a
libcmd_a_SOURCES =
