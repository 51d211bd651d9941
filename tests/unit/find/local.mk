# The unit tests of src/find: one program for each source file.
