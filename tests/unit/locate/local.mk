# The unit tests of src/locate: one program for each source file.
