# The unit tests of src/depend: one program for each source file.
