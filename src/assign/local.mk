# The files of src/assign: one line for each pair.
noinst_LIBRARIES += libassign.a
libassign_a_SOURCES =
libassign_a_SOURCES += %D%/assign.c %D%/assign.h
libassign_a_SOURCES += %D%/copies.c %D%/copies.h
libassign_a_SOURCES += %D%/declaration.c %D%/declaration.h
libassign_a_SOURCES += %D%/item.c %D%/item.h
libassign_a_SOURCES += %D%/order.h
libassign_a_SOURCES += %D%/schemas.c %D%/schemas.h
libassign_a_SOURCES += %D%/text.c %D%/text.h
