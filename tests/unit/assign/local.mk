# The unit tests of src/assign: one program for each source file.
